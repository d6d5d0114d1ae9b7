import { parseArgs } from 'node:util'
import { benchRequests } from './operations/bench-requests.ts'

/** `npm run bench operations`; says whether the target was met. */
export async function operations(): Promise<boolean> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '101' }, slice: { type: 'string', default: '150' } },
  })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  return benchRequests({ rounds: Number(values.rounds), sliceMs: Number(values.slice) }, stop.signal)
}
