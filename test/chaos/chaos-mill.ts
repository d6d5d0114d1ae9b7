import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { chaosTaskFolder } from './chaos-tasks.ts'
import { eventually } from '../support/eventually.ts'
import type { History } from './history.ts'

/** The real server, with all that it keeps in one folder. It can be ended in every way and has the same address again. */
export interface ChaosMill extends AsyncDisposable {
  readonly url: string
  readonly setupToken: string | null
  readonly folder: string
  /** All that its processes have written. */
  output(): string
  /** Sends the signal and does nothing else. */
  signal(signal: NodeJS.Signals): void
  /** Ends the process with the signal and notes how it ended. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** Starts a process on the folder, after `stop`. */
  start(): Promise<void>
  /** Stops the process where it is, with nothing half-written by its main thread, and resolves when it stands. */
  freeze(): Promise<void>
}

/** The data folder of a mill, its folder for temporary files, and the file to which its tasks write. */
export const dataOf = (folder: string): string => join(folder, 'data')
export const temporaryOf = (folder: string): string => join(folder, 'tmp')
export const runsOf = (folder: string): string => join(folder, 'runs.jsonl')

/** Few enough that clients meet the limit when the mill is slow. */
const jobsPerUser = 60

async function open(folder: string, history: Pick<History, 'note'>): Promise<ChaosMill> {
  let written = ''
  let launching = launch(folder, '0')
  let server = await launching
  const { url, setupToken } = server
  const { port } = new URL(url)

  return {
    url,
    setupToken,
    folder,
    output: () => written + server.output(),
    signal: (signal) => void process.kill(server.pid, signal),
    async stop(signal) {
      const code = await server.stop(signal)
      history.note({ type: 'stopped', signal, code })
    },
    async start() {
      written += server.output()
      launching = launch(folder, port)
      server = await launching
    },
    async freeze() {
      process.kill(server.pid, 'SIGSTOP')
      await eventually(() => isStopped(server.pid))
    },
    async [Symbol.asyncDispose]() {
      // One that is just being started must not outlive the run.
      const last = await launching.catch(() => null)
      await last?.[Symbol.asyncDispose]()
    },
  }
}

/** Starts a server on the folder, which may be a copy of that of another one. It ends with `servers`, at whatever moment. */
export function openChaosMill(
  servers: AsyncDisposableStack,
  folder: string,
  history: Pick<History, 'note'>,
): Promise<ChaosMill> {
  const opening = open(folder, history)
  servers.defer(async () => {
    const mill = await opening.catch(() => null)
    await mill?.[Symbol.asyncDispose]()
  })
  return opening
}

async function launch(folder: string, port: string): Promise<ServerProcess> {
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
  })
}

/** Whether the main thread, the only one that writes to the database, has stopped. */
function isStopped(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  const state = existsSync(stat)
    ? readFileSync(stat, 'utf8').split(') ').at(-1)
    : execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
  return state?.trimStart().startsWith('T') === true
}
