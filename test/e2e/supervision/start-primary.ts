import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { eventually } from '../../support/eventually.ts'

/** A line that the primary or one of its members wrote. */
export type Line = Readonly<Record<string, unknown>>

/** A primary in a process of its own, with two tiny members. Disposing of it leaves no process behind. */
export interface PrimaryProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly lines: readonly Line[]
  /** The pids of the members that are there, by number. */
  pids(): readonly number[]
  /** Where the members listen, once all are ready. */
  port(): Promise<number>
  /** Waits for a line with these values, after the first `from` lines. */
  line(values: Line, from?: number): Promise<Line>
}

export async function startPrimary(own: Record<string, string> = {}): Promise<PrimaryProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('fixtures/primary.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'], ...own },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, as the terminal gives a program.
    detached: true,
  })
  const lines: Line[] = []
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(JSON.parse(text)))
  const closed = once(child, 'close')
  const primary: PrimaryProcess = {
    child,
    lines,
    pids: () => pidsOf(lines),
    async port() {
      const find = () => lines.find((line) => 'port' in line)
      await eventually(() => find() !== undefined, 10_000)
      return Number(find()?.['port'])
    },
    async line(values, from = 0) {
      const find = () =>
        lines.slice(from).find((line) => Object.entries(values).every(([name, value]) => line[name] === value))
      await eventually(() => find() !== undefined, 10_000)
      return find() ?? {}
    },
    async [Symbol.asyncDispose]() {
      // One that is stopped would not end by itself.
      for (const pid of pidsOf(lines)) endProcess(pid)
      child.kill('SIGKILL')
      await closed
    },
  }
  return primary
}

/** Whether there is such a process. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function endProcess(pid: number): void {
  if (isThere(pid)) process.kill(pid, 'SIGKILL')
}

function pidsOf(lines: readonly Line[]): readonly number[] {
  const there = new Map<unknown, number>()
  for (const { change, number, pid } of lines) {
    if (change === 'STARTED' && typeof pid === 'number') there.set(number, pid)
  }
  return [...there.values()]
}
