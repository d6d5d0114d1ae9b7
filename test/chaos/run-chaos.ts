import { signUpUsers } from './chaos-user.ts'
import { type ChaosMill, openChaosMill } from './chaos-mill.ts'
import type { Violation } from './check-history.ts'
import { type Clients, startClients } from './clients.ts'
import { comeToRest, judge } from './come-to-rest.ts'
import { checkpoint, type CopyKind } from './crash-copy.ts'
import { type Deployment, type DeploymentName, deployments } from './deployments.ts'
import { examineCopy, takeCopy } from './examine-copy.ts'
import { createHistory, type History } from './history.ts'
import { nemeses, type NemesisName } from './nemeses.ts'
import { countOperations, type Operations } from './operations.ts'
import { recoveries, type Recovery } from './recoveries.ts'
import { createRandom, type Random } from './random.ts'
import type { RestingRecord } from './resting-record.ts'

export interface ChaosOptions {
  /** An empty folder for all that the run makes. */
  readonly folder: string
  /** What clients and nemeses choose follows from it; when the server does what does not. */
  readonly seed: number
  /** The most operations of all clients together. */
  readonly operations: number
  /** After so many strikes, and a last pause, the clients do no more. */
  readonly strikes?: number
  /** The longest that the clients work, in ms. */
  readonly workMs?: number
  /** Gives the run up at once: nothing is judged. */
  readonly signal?: AbortSignal
  /** By default one process. */
  readonly deployment?: DeploymentName
  /** The nemeses of a round, in any order; the next round has them in another one. */
  readonly round: readonly NemesisName[]
  /** About how many operations lie between two strikes. */
  readonly pause: number
  /** Is given what there is to watch while it runs. */
  readonly onStart?: (course: Course) => void
}

/** A run as it goes. */
export interface Course {
  readonly operations: Pick<Operations, 'count'>
  readonly history: Pick<History, 'observations'>
  readonly strikes: readonly NemesisName[]
}

/** What came of a run. */
export interface Verdict {
  readonly violations: readonly (Violation & { readonly where: string })[]
  readonly strikes: readonly NemesisName[]
  readonly operations: number
  readonly history: History['observations']
  readonly record: RestingRecord
  readonly recoveries: readonly Recovery[]
  /** All that the server wrote. */
  readonly output: string
}

const userCount = 3
const streamsMs = 60_000

/**
 * Lets clients and nemeses loose on a server, waits until it has come to rest, and judges what it did. Throws the signal's
 * reason when that is aborted, and what kept a server from starting; no process is left then.
 */
export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  await using servers = new AsyncDisposableStack()
  const { signal } = options
  if (signal === undefined) return await run(options, servers)
  const abandoned = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => abandoned.reject(signal.reason), { once: true })
  return await Promise.race([run(options, servers), abandoned.promise])
}

async function run(options: ChaosOptions, servers: AsyncDisposableStack): Promise<Verdict> {
  const { folder, workMs = Infinity } = options
  const deployment = servers.use(await deployments[options.deployment ?? 'alone'].open())
  const history = createHistory()
  const random = createRandom(options.seed)
  const operations = countOperations(options.operations)
  const strikes: NemesisName[] = []
  const mill = await openChaosMill(servers, { folder, history, deployment })
  const users = await signUpUsers(mill.url, userCount, mill.setupToken)
  await checkpoint(folder)
  options.onStart?.({ operations, history, strikes })
  const end = performance.now() + workMs
  const takeOperation = () => performance.now() < end && operations.take()
  const clients = startClients({ url: mill.url, users, history, random: random.fork(), takeOperation })
  const course = { mill, deployment, history, operations, clients, strikes, servers, random: random.fork() }
  const [violations] = await Promise.all([
    strikeAgainAndAgain(options, course),
    clients.done.then(() => operations.end()),
  ])
  await clients.watched(streamsMs)
  await comeToRest(mill)
  // What a crash left lying about is cleared away by the next start.
  await mill.start()
  await comeToRest(mill)
  const judgement = judge(folder, { history: history.observations, isCutOff: false })
  return {
    violations: [...violations, ...judgement.violations.map((one) => ({ ...one, where: 'at the end' }))],
    strikes,
    operations: operations.count,
    history: history.observations,
    record: judgement.record,
    recoveries: recoveries({ history: history.observations, record: judgement.record }),
    output: mill.output(),
  }
}

interface Battlefield {
  readonly mill: ChaosMill
  readonly deployment: Deployment
  readonly history: History
  readonly operations: Operations
  readonly clients: Clients
  /** Takes each strike. */
  readonly strikes: NemesisName[]
  readonly servers: AsyncDisposableStack
  readonly random: Random
}

/** Strikes until the clients are done. Gives what was wrong with copies. */
async function strikeAgainAndAgain(
  { round, pause, strikes: most = Infinity }: ChaosOptions,
  { mill, deployment, history, operations, clients, strikes, servers, random }: Battlefield,
): Promise<Verdict['violations']> {
  const violations: Verdict['violations'][number][] = []

  // One at a time, beside the strikes that follow: each is a server more.
  let examining = Promise.resolve()

  async function copy(kind: CopyKind): Promise<void> {
    await examining
    const name = `copy-${strikes.length}`
    const taken = await takeCopy(mill, history, kind, name)
    const examine = async () => {
      const found = await examineCopy(servers, taken, random.fork())
      violations.push(...found.map((one) => ({ ...one, where: `in ${name}` })))
    }
    examining = examine()
    // Whoever awaits it hears of a failure.
    examining.catch(() => undefined)
  }

  const target = { mill, redis: deployment.redis, history, random, copy, occupyThread: clients.occupyThread }
  for (const name of endlessly(round, random)) {
    const wait = Math.ceil(pause * (0.5 + random.next()))
    if (!(await operations.reached(operations.count + wait))) break
    if (strikes.length >= most) {
      operations.end()
      break
    }
    strikes.push(name)
    await nemeses[name].strike(target)
  }
  await examining
  return violations
}

/** The names in one order after another. */
function* endlessly(names: readonly NemesisName[], random: Random): Generator<NemesisName, void> {
  while (names.length > 0) {
    const left = [...names]
    while (left.length > 0) yield* left.splice(random.upTo(left.length - 1), 1)
  }
}
