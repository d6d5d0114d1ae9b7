import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { chaosTaskFolder } from './chaos-tasks.ts'
import type { Deployment } from './deployments.ts'
import type { History } from './history.ts'
import { isGone, isStopped, type Member, membersOf, send } from './processes.ts'

/** The real server, with all that it keeps in one folder. It can be ended in every way and has the same address again. */
export interface ChaosMill extends AsyncDisposable {
  readonly url: string
  readonly setupToken: string | null
  readonly folder: string
  /** All that its processes have written. */
  output(): string
  /** The process that was started: the primary, where it is not alone. */
  readonly pid: number
  /** Its members as they are now, some of which may just be starting; none where it is alone. */
  members(): readonly Member[]
  /** Sends the signal to the process that was started and does nothing else. */
  signal(signal: NodeJS.Signals): void
  /** Ends that process with the signal, waits until its members are gone too, and notes how they ended. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** Kills that process and starts it anew at once, while its members may not have noticed yet. */
  replace(): Promise<void>
  /** Starts it on the folder, after `stop`, or after it has ended otherwise. */
  start(): Promise<void>
}

/** The data folder of a mill, its folder for temporary files, and the file to which its tasks write. */
export const dataOf = (folder: string): string => join(folder, 'data')
export const temporaryOf = (folder: string): string => join(folder, 'tmp')
export const runsOf = (folder: string): string => join(folder, 'runs.jsonl')

/** The longest that a process may take to end when it is asked to, in ms. */
const stopsWithinMs = 60_000
/** After so many ms a member that is still there does not follow its primary at all. */
const followWithinMs = 10_000

/** Few enough that clients meet the limit when the mill is slow. */
const jobsPerUser = 60

export interface MillOptions {
  readonly folder: string
  readonly deployment: Pick<Deployment, 'environment'>
  readonly history: Pick<History, 'note'>
}

async function open({ folder, deployment, history }: MillOptions): Promise<ChaosMill> {
  let written = ''
  let launching = launch(folder, '0', deployment)
  let server = await launching
  const { url, setupToken } = server
  const { port } = new URL(url)

  async function start(): Promise<void> {
    written += server.output()
    launching = launch(folder, port, deployment)
    server = await launching
  }

  return {
    url,
    setupToken,
    folder,
    output: () => written + server.output(),
    get pid() {
      return server.pid
    },
    members: () => membersOf(server.pid),
    signal(signal) {
      if (signal === 'SIGTERM') history.note({ type: 'ending', at: Date.now() })
      process.kill(server.pid, signal)
    },
    async stop(signal) {
      history.note({ type: 'ending', at: Date.now() })
      const { pid } = server
      const members = membersOf(pid)
      const stopped = server.stop(signal)
      await eventually(() => isGone(pid), stopsWithinMs)
      // Of a primary that was asked to end nobody may be left by then.
      const alive = members.filter((member) => !isGone(member.pid))
      await noteOrphans(signal === 'SIGKILL' ? members : alive, history)
      history.note({ type: 'stopped', signal, code: await stopped })
    },
    async replace() {
      const { pid } = server
      const members = membersOf(pid)
      process.kill(pid, 'SIGKILL')
      await eventually(() => isGone(pid))
      await Promise.all([start(), noteOrphans(members, history)])
    },
    start,
    async [Symbol.asyncDispose]() {
      // One that is just being started must not outlive the run.
      const last = await launching.catch(() => null)
      if (last !== null) await endAll(last)
    },
  }
}

/** Starts a server on the folder, which may be a copy of that of another one. It ends with `servers`, at whatever moment. */
export function openChaosMill(servers: AsyncDisposableStack, options: MillOptions): Promise<ChaosMill> {
  const opening = open(options)
  servers.defer(async () => {
    const mill = await opening.catch(() => null)
    await mill?.[Symbol.asyncDispose]()
  })
  return opening
}

/** Stops processes where they are, with nothing half-written by their main threads, and resolves when they stand. */
export async function freeze(pids: readonly number[]): Promise<void> {
  for (const pid of pids) send(pid, 'SIGSTOP')
  await eventually(() => pids.every((pid) => isStopped(pid) || isGone(pid)))
}

/** Lets them go on. */
export function thaw(pids: readonly number[]): void {
  for (const pid of pids) send(pid, 'SIGCONT')
}

/** Notes when the members of a primary that died a moment ago were gone. Those that stay are killed. */
async function noteOrphans(members: readonly Member[], history: Pick<History, 'note'>): Promise<void> {
  if (members.length === 0) return
  const since = performance.now()
  const gone = eventually(() => members.every(({ pid }) => isGone(pid)), followWithinMs)
  const ms = await gone.then(
    () => performance.now() - since,
    () => null,
  )
  if (ms === null) for (const { pid } of members) send(pid, 'SIGKILL')
  history.note({ type: 'orphaned', ms })
}

/** Members that should follow their primary by themselves, but may be those that do not. */
async function endAll(server: ServerProcess): Promise<void> {
  const members = membersOf(server.pid)
  const ended = server[Symbol.asyncDispose]()
  for (const { pid } of members) send(pid, 'SIGKILL')
  await ended
}

async function launch(
  folder: string,
  port: string,
  { environment }: MillOptions['deployment'],
): Promise<ServerProcess> {
  await mkdir(temporaryOf(folder), { recursive: true })
  return startServer(dataOf(folder), {
    PORT: port,
    MILLRACE_TASKS: chaosTaskFolder,
    TASK_RELOAD: 'off',
    TMPDIR: temporaryOf(folder),
    // Where it is by default: not in the folder above, which would make each start a slow one.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    CHAOS_RUNS: runsOf(folder),
    JOBS_PER_USER: String(jobsPerUser),
    LOG_LEVEL: 'warn',
    // Long enough that clients are served, and nemeses strike, while it says that it goes.
    UNREADY_SECONDS: '0.5',
    ...environment,
  })
}
