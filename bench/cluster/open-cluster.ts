import { join } from 'node:path'
import { newSecret } from '../../src/core/secrets.ts'
import { eventually } from '../../test/support/eventually.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { type ServerProcess, startServer } from '../../test/support/server-process.ts'
import { type SignedInUser, signUpAt } from '../../test/support/signed-in.ts'
import { openHttpConnection } from './http-connection.ts'
import { childrenOf, cpuUsOf, holderOf, isRunning } from './processes.ts'
import { unlimited } from '../unlimited.ts'

const settings = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'error',
  ACCESS_TOKEN_MINUTES: '15',
  ...unlimited,
}

export interface ClusterOrder {
  /** 1: a server without a cluster. */
  readonly members: number
  readonly redisUrl: string | null
}

/** `millrace start` in a folder of its own. */
export interface Cluster extends AsyncDisposable {
  readonly name: string
  readonly port: number
  /** The processes that serve. */
  readonly members: readonly number[]
  /** The one that supervises them; `null`: there is none. */
  readonly primary: number | null
  /** The first administrator. */
  readonly user: SignedInUser
  /** What all its processes have used of the processor so far. */
  cpuUs(): number
  /** Which member serves the connection whose other end is that port. */
  memberOf(localPort: number): Promise<number>
}

/** How a variant is called in tables. */
export function nameOf({ members, redisUrl }: ClusterOrder): string {
  if (redisUrl !== null) return `${members} by Redis`
  return members === 1 ? '1 alone' : `${members} by IPC`
}

/** Starts it; resolves when every member serves. An interrupt ends it at once. */
export async function openCluster(order: ClusterOrder, stopped: AbortSignal): Promise<Cluster> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const { members: count, redisUrl } = order
  const server = await startServer(join(folder.path, 'data'), {
    ...settings,
    MILLRACE_SECRET: newSecret(32),
    WEB_CONCURRENCY: String(count),
    COMPUTE_THREADS: String(count),
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
  })
  const members: number[] = []
  opened.defer(() => endAll(server, members))
  const kill = () => void server.stop('SIGKILL')
  stopped.addEventListener('abort', kill, { once: true })
  opened.defer(() => stopped.removeEventListener('abort', kill))
  const port = Number(new URL(server.url).port)
  const isCluster = count > 1
  const isComplete = () => childrenOf(server.pid).length === count
  if (isCluster) await eventually(() => isComplete() || stopped.aborted, startWithinMs)
  stopped.throwIfAborted()
  members.push(...(isCluster ? childrenOf(server.pid) : [server.pid]))
  await untilAllServe(port, members)
  const user = await signUpAt(server.url, 'listener', server.setupToken)
  const pids = isCluster ? [server.pid, ...members] : members
  const resources = opened.move()
  return {
    name: nameOf(order),
    port,
    members,
    primary: isCluster ? server.pid : null,
    user,
    cpuUs: () => pids.reduce((sum, pid) => sum + cpuUsOf(pid), 0),
    memberOf: (localPort) => memberOf(port, localPort, members),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const startWithinMs = 60_000

/** The longest that a connection may take to get to a member, in ms. */
const handedOverWithinMs = 10_000

async function memberOf(port: number, localPort: number, members: readonly number[]): Promise<number> {
  let member: number | null = null
  await eventually(() => {
    member = holderOf(port, localPort, members)
    return member !== null
  }, handedOverWithinMs)
  return member ?? 0
}

/** Connects until each member has been given a connection. */
async function untilAllServe(port: number, members: readonly number[]): Promise<void> {
  const seen = new Set<number>()
  await eventually(async () => {
    const connection = openHttpConnection(port)
    await connection.ready
    seen.add(await memberOf(port, connection.localPort, members))
    connection.close()
    return members.every((pid) => seen.has(pid))
  }, startWithinMs)
}

/** Ends the server without a warning, and resolves when none of its processes runs any more. */
async function endAll(server: ServerProcess, known: readonly number[]): Promise<void> {
  const members = [...new Set([...known, ...childrenOf(server.pid)])].filter((pid) => pid !== server.pid)
  await server.stop('SIGKILL')
  const areGone = () => !members.some(isRunning)
  // A member ends when its primary does.
  await eventually(areGone).catch(async () => {
    for (const pid of members.filter(isRunning)) process.kill(pid, 'SIGKILL')
    await eventually(areGone)
  })
}
