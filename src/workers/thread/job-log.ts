import type { LogLevel } from '../../core/job.ts'
import { maxLogLength, maxLogLines } from '../../core/value-limits.ts'
import { addLogLine, type Control } from '../control.ts'
import type { FromThread } from '../messages.ts'
import { cut, textOf } from './text-of-error.ts'

const levels: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'] satisfies LogLevel[])

/** The `log` of one attempt: at most 1,000 lines of all its shards and then one that says so, each cut at 4,000 characters. */
export function createJobLog(
  send: (message: FromThread) => void,
  control: Control,
): (level: LogLevel, text: unknown) => void {
  return (level, text) => {
    const lines = addLogLine(control)
    // What a task in plain JavaScript says may be of any type.
    const known = levels.has(level) ? level : 'info'
    if (lines <= maxLogLines) send({ type: 'log', level: known, text: cut(textOf(text), maxLogLength) })
    if (lines !== maxLogLines + 1) return
    send({ type: 'log', level: 'warn', text: `An attempt may log ${maxLogLines} lines: the rest is left out.` })
  }
}
