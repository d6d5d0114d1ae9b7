import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { delimiter, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { markedProcesses, markVariable } from './marked-processes.ts'
import type { MarkedProcess } from './marked-processes.ts'

export interface CommandOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** `inherit` shows the output as it comes; `capture` keeps it for the result. */
  readonly output: 'inherit' | 'capture'
  /** Ends the command, and all that it started, when it is aborted. */
  readonly signal: AbortSignal
  /** How long a command that was interrupted may take to clean up, in ms (5,000). */
  readonly graceMs?: number
}

export interface CommandResult {
  /** The exit code; 1 where a signal ended the command or it could not be started. */
  readonly code: number
  /** Standard output and error in the order in which they came; empty when they were not captured. */
  readonly output: string
  /** What the command started and did not end. It has been killed. */
  readonly leftBehind: readonly MarkedProcess[]
}

/** The top of the project: where every command runs. */
export const projectRoot = resolve(import.meta.dirname, '..')

/** How long what the command started may take to follow it, in ms. */
const followGraceMs = 2_000

/**
 * Runs a command, of the project's own if it has one of that name, in a process group of its own and without
 * standard input, and leaves nothing behind that it started.
 * Never throws: a command that cannot be started gives its reason as output and code 1.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  if (options.signal.aborted) return { code: 1, output: '', leftBehind: [] }
  const mark = randomUUID()
  const stream = options.output === 'inherit' ? 'inherit' : 'pipe'
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: { ...process.env, PATH: searchPath(), ...options.env, [markVariable]: mark },
    stdio: ['ignore', stream, stream],
    detached: true,
  })
  const output = collectOutput(child)
  const code = await ending(child, options.signal, options.graceMs ?? 5_000)
  const leftBehind = await endSurvivors(mark)
  signalGroup(child, 'SIGKILL')
  return { code, output: await output, leftBehind }
}

function searchPath(): string {
  return [resolve(projectRoot, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter)
}

function collectOutput(child: ChildProcess): Promise<string> {
  const chunks: string[] = []
  for (const pipe of [child.stdout, child.stderr]) {
    pipe?.setEncoding('utf8').on('data', (chunk: string) => void chunks.push(chunk))
  }
  child.once('error', (error) => void chunks.push(`${child.spawnfile} cannot be run: ${error.message}\n`))
  return new Promise((resolve) => child.once('close', () => resolve(chunks.join(''))))
}

/** The exit code of the command, interrupted when the signal is aborted and killed when it does not heed that. */
function ending(child: ChildProcess, signal: AbortSignal, graceMs: number): Promise<number> {
  return new Promise((resolve) => {
    let killer: NodeJS.Timeout | undefined
    const interrupt = () => {
      signalGroup(child, 'SIGINT')
      killer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
    }
    const settle = (code: number | null) => {
      clearTimeout(killer)
      signal.removeEventListener('abort', interrupt)
      resolve(code ?? 1)
    }
    signal.addEventListener('abort', interrupt)
    child.once('exit', settle)
    child.once('error', () => settle(1))
  })
}

/** Waits a moment for what the command started, then kills what is still there and answers it. */
async function endSurvivors(mark: string): Promise<readonly MarkedProcess[]> {
  const deadline = Date.now() + followGraceMs
  let survivors = markedProcesses(mark)
  while (survivors.length > 0 && Date.now() < deadline) {
    await delay(50)
    survivors = markedProcesses(mark)
  }
  for (const { pid } of survivors) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
  return survivors
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}
