import type { LogLevel } from '../../core/job.ts'
import type { Builder } from '../builder.ts'

const values = {
  DEBUG: { value: 'debug', description: 'For whoever writes the task, or looks for a fault.' },
  INFO: { value: 'info', description: 'What is going on.' },
  WARN: { value: 'warn', description: 'Something is odd, but the work goes on.' },
  ERROR: { value: 'error', description: 'Something went wrong.' },
} as const satisfies Record<Uppercase<LogLevel>, { value: LogLevel; description: string }>

/** Adds the enum `LogLevel`. */
export function addLogLevel(builder: Builder) {
  return builder.enumType('LogLevel', {
    description: 'How grave a line is, in the log of a job or in that of the server.',
    values,
  })
}

export type LogLevelRef = ReturnType<typeof addLogLevel>
