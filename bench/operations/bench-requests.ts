import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Seen } from './see-partly.ts'
import { openAskedProcess } from '../asked-process.ts'
import { graphqlRequest } from '../cluster/http-connection.ts'
import { openGenerators } from '../cluster/generators.ts'
import { inRounds, pairedRatio } from '../cluster/rounds.ts'
import { printTable } from '../cluster/table.ts'
import { median } from '../paired-rounds.ts'
import type { OpenedServer, ServerOrder } from './messages.ts'

export interface RequestRounds {
  readonly rounds: number
  /** How long one server is asked in one round, in ms. */
  readonly sliceMs: number
}

/** How much more CPU time a request may take that is seen than one that nobody sees. */
const mostMore = 0.02

const connections = 8

/** How long it is asked for each of them, twice, before anything is measured, in ms. */
const warmUpMs = 1_000

const names = {
  'no deadline either': 'nothing, and no deadline',
  nothing: 'nothing',
  figures: 'figures',
  all: 'figures, and a line in the log',
} as const satisfies Record<Seen, string>

/** What it costs to see requests; says whether that is as little as it may be. */
export async function benchRequests({ rounds, sliceMs }: RequestRounds, stopped: AbortSignal): Promise<boolean> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  opened.defer(() => rm(folder, { recursive: true }))
  // Its log is nothing to see here.
  const server = opened.use(
    openAskedProcess(new URL('server.ts', import.meta.url), 'the server', stopped, { stderr: 'ignore' }),
  )
  const ask = (order: ServerOrder) => server.ask(order)
  const { port, accessToken } = (await ask({ kind: 'open', folder })) as OpenedServer // its answer
  const generators = opened.use(openGenerators(1, stopped))
  await generators.connect(port, connections)
  const request = graphqlRequest({ query: 'query Me { me { id email } }' }, `Bearer ${accessToken}`)

  /** CPU µs of a request. */
  async function costOf(seen: Seen, ms: number): Promise<number> {
    await ask({ kind: 'see', seen })
    const before = await ask({ kind: 'cpu' })
    const answers = await generators.ask(request, ms)
    const used = Number(await ask({ kind: 'cpu' })) - Number(before)
    return used / answers.reduce((sum, { latencies }) => sum + latencies.length, 0)
  }

  const all = ['nothing', 'no deadline either', 'figures', 'all'] as const
  for (const seen of [...all, ...all]) await costOf(seen, warmUpMs)
  return print(await inRounds(all, { rounds, stopped }, (seen) => costOf(seen, sliceMs)), rounds)
}

function print(costs: ReadonlyMap<Seen, readonly number[]>, rounds: number): boolean {
  const base = costs.get('nothing') ?? []
  const rows = [...costs].map(([seen, figures]) => {
    const more = pairedRatio(figures, base) - 1
    const spread = `${Math.min(...figures).toFixed(1)} to ${Math.max(...figures).toFixed(1)}`
    return { seen, more, cells: [names[seen], median(figures).toFixed(1), spread, `${(100 * more).toFixed(2)} %`] }
  })
  printTable(
    `A request of somebody who is signed in, ${connections} connections: CPU µs of the server, ${rounds} paired rounds`,
    ['what is seen', 'median', 'range', 'more than nothing'],
    rows.map(({ cells }) => cells),
  )
  const more = rows.find(({ seen }) => seen === 'all')?.more ?? Number.NaN
  const isMet = more <= mostMore
  console.log(`  target: all of it at most ${100 * mostMore} % more: ${isMet ? 'met' : 'MISSED'}`)
  return isMet
}
