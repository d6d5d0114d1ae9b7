import { hasDatabase } from '../adapters/local/data-folder.ts'
import { openRecords } from '../compose/open-records.ts'
import { readConfig } from '../config.ts'
import { CliFailure } from './failure.ts'

export interface NewEpochOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace new-epoch`: works on the data folder itself, while no server uses it. */
export async function newEpoch({ environment }: NewEpochOptions): Promise<void> {
  const config = readConfig(environment)
  const { dataDir } = config
  if (!hasDatabase(dataDir)) {
    throw new CliFailure(`There is no database in the data folder ${dataDir}. Set DATA_DIR to the one that you mean.`)
  }
  await using opened = new AsyncDisposableStack()
  const { store } = await openRecords(config, opened, { exclusive: true })
  await store.write(({ log }) => log.renewEpochs())
  console.log(`Every log in ${dataDir} has a new epoch: who comes back with an older cursor is told of a gap.`)
}
