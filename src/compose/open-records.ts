import { type DataFolder, DataFolderError, openDataFolder } from '../adapters/local/data-folder.ts'
import { lockExclusively } from '../adapters/sql/node-sqlite.ts'
import { sqliteStore } from '../adapters/sql/sqlite-store.ts'
import type { Config } from '../config.ts'
import type { Store } from '../ports/store.ts'

/** A data folder that is open, with what was kept in it. */
export interface OpenedRecords {
  readonly folder: DataFolder
  readonly secret: string
  readonly store: Store
}

export interface RecordsOptions {
  /** Whether it is to be refused where a server uses it. */
  readonly exclusive: boolean
  /** Hears for how many ms each transaction held the event loop. */
  readonly onHeld?: (ms: number) => void
}

/**
 * Opens a data folder, until `opened` is disposed of; `exclusive`: unless a server uses it. Throws a `DataFolderError` or a
 * `StoreError`.
 */
export async function openRecords(
  config: Config,
  opened: AsyncDisposableStack,
  { exclusive, ...watched }: RecordsOptions,
): Promise<OpenedRecords> {
  const folder = await openDataFolder(config.dataDir)
  if (exclusive) {
    const unlock = lockExclusively(folder.lock)
    if (unlock === null) throw lockedError(folder.path)
    opened.defer(unlock)
    await folder.removeScratch()
  }
  const secret = config.secret ?? (await folder.rootSecret())
  const store = opened.use(await sqliteStore({ path: folder.database, ...watched }))
  return { folder, secret, store }
}

function lockedError(path: string): DataFolderError {
  return new DataFolderError(
    'DATA_FOLDER_LOCKED',
    `Another Millrace uses the data folder ${path}. Stop it, or set DATA_DIR to another folder.`,
  )
}
