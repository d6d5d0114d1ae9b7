import { graphqlRequest } from '../cluster/http-connection.ts'
import { median } from '../paired-rounds.ts'
import type { LoadKind, LoadOutcome, Watched } from './messages.ts'
import { openPinnedGenerator, openPinnedServer, type PinnedGenerator, type PinnedServer, watched } from './pinned.ts'

export interface OverloadOptions {
  readonly connections: number
  /** How long the load lasts, in seconds. */
  readonly seconds: number
}

/** What became of one server under normal load, and under several times what it can carry. */
export interface OverloadFigures {
  /** Of the small query, in a second. */
  readonly capacity: number
  readonly normal: LoadOutcome
  readonly over: LoadOutcome
  readonly overWatched: Watched
  /** p99 of what was accepted, as times of the normal one. */
  readonly ratio: number
}

/** How many times what it can carry the server is offered. */
export const timesCapacity = 5
const normalPart = 0.6
/** Enough to keep the server busy, and few enough that nothing waits for long. */
const saturatingConnections = 8
/** By then what had queued up before anything was refused has been answered. */
const settleMs = 5_000
const normalMs = 9_000

/** A server under a small query of somebody who is signed in. */
export async function measureOverload(
  shedding: 'on' | 'off',
  { connections, seconds }: OverloadOptions,
  stopped: AbortSignal,
): Promise<OverloadFigures> {
  await using server = await openPinnedServer(shedding, stopped)
  await using generator = openPinnedGenerator(stopped)
  const request = graphqlRequest({ query: '{ me { email } }' }, server.user.headers['authorization'])
  const capacity = await findCapacity(server, generator, request)
  const offer = async (part: number, ms: number) => {
    await generator.connect(server.port, connections)
    const kinds: readonly LoadKind[] = [{ name: 'query', request, perSecond: capacity * part }]
    const [outcome] = await generator.offer({ kinds, ms, settleMs })
    if (outcome === undefined) throw new Error('There is an outcome for each kind.')
    return outcome
  }
  const normal = await offer(normalPart, normalMs)
  const [over, overWatched] = await watched(server, () => offer(timesCapacity, seconds * 1_000))
  const ratio = (over.acceptedMs?.p99 ?? Infinity) / (normal.acceptedMs?.p99 ?? 0)
  return { capacity, normal, over, overWatched, ratio }
}

async function findCapacity({ port }: PinnedServer, generator: PinnedGenerator, request: string): Promise<number> {
  await generator.connect(port, saturatingConnections)
  await generator.saturate(request, saturatingConnections, 3_000)
  const rounds: number[] = []
  for (let round = 0; round < 3; round += 1)
    rounds.push(await generator.saturate(request, saturatingConnections, 1_500))
  return median(rounds)
}

/** New jobs far beyond what the server can carry, and beside them as many reads and cancels as it can carry easily. */
export async function measureMixed(
  { connections, seconds }: OverloadOptions,
  capacity: number,
  stopped: AbortSignal,
): Promise<readonly [readonly LoadOutcome[], Watched]> {
  await using server = await openPinnedServer('on', stopped)
  await using generator = openPinnedGenerator(stopped)
  const authorization = server.user.headers['authorization'] ?? null
  const ask = (query: string) => graphqlRequest({ query }, authorization)
  const submit = 'mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }'
  const later =
    'mutation { submitJob(task: "computeFibonacci", input: { n: 1 }, options: { delayMs: 86400000 }) { ... on JobAccepted { job { id } } } }'
  const { submitJob } = await server.user.request<{ submitJob: { job: { id: string } } }>(later)
  const cancel = `mutation { cancelJob(id: "${submitJob.job.id}") { id } }`
  const kinds: readonly LoadKind[] = [
    { name: 'new jobs', request: ask(submit), perSecond: capacity * 2 },
    { name: 'reads', request: ask('{ me { email } }'), perSecond: capacity * 0.1 },
    { name: 'cancels', request: ask(cancel), perSecond: capacity * 0.02 },
  ]
  await generator.connect(server.port, connections)
  return await watched(server, () => generator.offer({ kinds, ms: seconds * 1_000, settleMs }))
}
