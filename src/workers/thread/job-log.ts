import type { LogLevel } from '../../core/job.ts'
import { cut, textOf } from './text-of-error.ts'

export const maxLogLines = 1_000
export const maxLogLength = 4_000

const levels: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'] satisfies LogLevel[])

/** The `log` of one attempt: at most 1,000 lines and then one that says so, each cut at 4,000 characters. */
export function createJobLog(send: (level: LogLevel, text: string) => void): (level: LogLevel, text: unknown) => void {
  let lines = 0
  return (level, text) => {
    lines += 1
    // What a task in plain JavaScript says may be of any type.
    if (lines <= maxLogLines) send(levels.has(level) ? level : 'info', cut(textOf(text), maxLogLength))
    else if (lines === maxLogLines + 1) send('warn', `An attempt may log ${maxLogLines} lines: the rest is left out.`)
  }
}
