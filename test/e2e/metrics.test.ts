import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { membersOf, send } from '../chaos/processes.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { type ExposedFamily, parseExposition } from '../support/parse-exposition.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const opened = new AsyncDisposableStack()
let server: ServerProcess
let metricsUrl: string

beforeAll(async () => {
  const folder = opened.use(await makeTestFolder())
  const settings = { WEB_CONCURRENCY: '2', COMPUTE_THREADS: '2', OPS_PORT: '0', LOG_LEVEL: 'error' }
  server = opened.use(await startServer(folder.path, settings))
  metricsUrl = `http://${/\/metrics: (\S+)/.exec(server.output())?.[1]}/metrics`
}, 60_000)
afterAll(() => opened.disposeAsync())

async function scrape(): Promise<ReadonlyMap<string, ExposedFamily>> {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(3_000) })
  expect(answer.status).toBe(200)
  return parseExposition(await answer.text())
}

/** Which processes tell the figure, and what, by the label if one is given. */
async function told(name: string, label = 'member'): Promise<Readonly<Record<string, number>>> {
  const samples = (await scrape()).get(name)?.samples ?? []
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label], value]))
}

describe('the figures of a cluster', () => {
  it('are those of the primary and of all members, on the port for them and on no other', async () => {
    const memory = await told('process_resident_memory_bytes')
    expect(Object.keys(memory)).toEqual(['0', '1', '2'])
    expect(Object.keys(await told('millrace_connections'))).toEqual(['1', '2'])
    expect(await told('millrace_members', 'state')).toEqual({
      STARTING: 0,
      READY: 2,
      DRAINING: 0,
      RESTARTING: 0,
      GIVEN_UP: 0,
    })
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404)
  })

  it('are told while the members have much to do', async () => {
    const counted = await told('process_cpu_seconds_total')
    const over = new AbortController()
    let answered = 0
    const load = Array.from({ length: 16 }, async () => {
      while (!over.signal.aborted) {
        const answer = await fetch(`${server.url}/graphql?query=%7B__typename%7D`)
        await answer.text()
        if (answer.status === 200) answered += 1
      }
    })
    for (let n = 0; n < 10; n += 1) {
      const before = answered
      expect(Object.keys(await told('nodejs_eventloop_utilization'))).toEqual(['1', '2'])
      await eventually(() => answered > before)
    }
    over.abort()
    await Promise.all(load)
    const after = await told('process_cpu_seconds_total')
    expect(Object.entries(after).every(([member, seconds]) => seconds >= (counted[member] ?? Infinity))).toBe(true)
  })

  it('lack those of a member that stands still, and count its end', async () => {
    const [first] = membersOf(server.pid)
    if (first === undefined) throw new Error('There are no members.')
    using _ = { [Symbol.dispose]: () => void send(first.pid, 'SIGKILL') }
    send(first.pid, 'SIGSTOP')
    // A connection that is handed to the member which stands still is not answered.
    const answered = (name: string, label?: string) => told(name, label).catch(() => ({}))
    await eventually(async () => Object.keys(await answered('process_resident_memory_bytes')).length === 2, 30_000)
    send(first.pid, 'SIGKILL')
    await eventually(async () => {
      const ends = Object.values(await answered('millrace_member_ends_total', 'kind'))
      const memory = await answered('process_resident_memory_bytes')
      return ends.includes(1) && Object.keys(memory).length === 3
    }, 30_000)
  }, 90_000)
})
