import type { LogLevel } from '../../core/job.ts'
import type { Builder } from '../builder.ts'

const meanings: Readonly<Record<LogLevel, string>> = {
  debug: 'For whoever writes the task.',
  info: 'What is going on.',
  warn: 'Something is odd, but the work goes on.',
  error: 'Something went wrong.',
}

/** Adds the enum `LogLevel`. */
export function addLogLevel(builder: Builder) {
  return builder.enumType('LogLevel', {
    description: 'How grave a line in the log of a job is.',
    values: Object.fromEntries(
      Object.entries(meanings).map(([level, description]) => [level.toUpperCase(), { value: level, description }]),
    ),
  })
}
