import { accounts } from './accounts.ts'
import { cluster } from './cluster.ts'
import { fanout } from './fanout.ts'
import { jobs } from './jobs.ts'
import { operations } from './operations.ts'
import { overload } from './overload.ts'

const benchmarks: Readonly<Record<string, () => Promise<boolean>>> = {
  accounts,
  cluster,
  fanout,
  jobs,
  operations,
  overload,
}

/** `npm run bench <name>`: the exit status says whether the targets were met. */
const [name = ''] = process.argv.slice(2)
const benchmark = benchmarks[name]
if (benchmark === undefined) {
  console.error(`Usage: npm run bench <name>, with one of: ${Object.keys(benchmarks).join(', ')}`)
  process.exitCode = 2
} else {
  process.exitCode = (await benchmark()) ? 0 : 1
}
