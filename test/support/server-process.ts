import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = fileURLToPath(new URL('../..', import.meta.url))
/** The command line's entry file. */
export const millraceEntry: string = join(top, 'bin/millrace.mjs')

/** A server in a process of its own, as `millrace start` runs it. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** The one-time token that it printed; `null` when there is an administrator. */
  readonly setupToken: string | null
  /** All that it has written so far. */
  output(): string
  /** Ends the process with the signal; gives its exit status, `null` when the signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>
  /** The signal that ended it. */
  signal(): NodeJS.Signals | null
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const environment = (own: Record<string, string>) => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  // Vitest sets NODE_ENV=test, which is not how people start a server.
  ...own,
})

/** A server that may not listen yet. */
export type BegunServer = Pick<ServerProcess, 'pid' | 'output' | 'stop' | 'signal'> & AsyncDisposable

/** Starts `millrace start` on a free port and waits until it listens. Throws with what it wrote when it ends before. */
export async function startServer(dataDir: string, own: Record<string, string> = {}): Promise<ServerProcess> {
  const { child, written, ...server } = begin(dataDir, own)
  const url = await waitForLine(child, written, /listens on (http:[^\s,]+)/)
  return { ...server, url, setupToken: /setupToken: (\S+)/.exec(written.text)?.[1] ?? null }
}

/** As `startServer`, without waiting for anything. */
export function beginServer(dataDir: string, own: Record<string, string> = {}): BegunServer {
  return begin(dataDir, own)
}

function begin(dataDir: string, own: Record<string, string>): BegunServer & { child: ChildProcess; written: Written } {
  const child = spawn(process.execPath, [millraceEntry, 'start'], {
    cwd: top,
    // That the machine has much to do is no reason to refuse what a test asks for.
    env: environment({ DATA_DIR: dataDir, PORT: '0', COMPUTE_THREADS: '2', LOAD_SHEDDING: 'off', ...own }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = collect(child)
  const stop = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'close')
    }
    return child.exitCode
  }
  return {
    child,
    written,
    pid: child.pid ?? 0,
    output: () => written.text,
    stop,
    signal: () => child.signalCode,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
    },
  }
}

/** Runs `millrace` with arguments to its end. */
export async function runMillrace(args: readonly string[], own: Record<string, string> = {}): Promise<Finished> {
  return runNode([millraceEntry, ...args], own)
}

/** Runs node with arguments in the project's folder to its end. */
export async function runNode(args: readonly string[], own: Record<string, string> = {}): Promise<Finished> {
  return runProgram(process.execPath, args, own)
}

/** Runs a program in the project's folder to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  own: Record<string, string>,
): Promise<Finished> {
  const child = spawn(program, [...args], { cwd: top, env: environment(own), stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

interface Written {
  text: string
}

function collect(child: ChildProcess): Written {
  const written: Written = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written.text += text
    })
  }
  return written
}

/** The first group of the pattern once the process has written it. */
function waitForLine(child: ChildProcess, written: Written, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(written.text)?.[1]
      // The whole greeting is one write; its last line has been read when the pipe has given its data.
      if (found !== undefined) setImmediate(resolve, found)
    }
    child.stdout?.on('data', look)
    child.once('close', (code) => reject(new Error(`The server ended with ${code}:\n${written.text}`)))
  })
}
