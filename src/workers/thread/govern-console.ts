import type { LogLevel } from '../../core/job.ts'
import type { SeenSettings } from '../thread-settings.ts'

const levelOf = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
} as const satisfies Record<string, LogLevel>

/** Has what tasks write to the console go by the log level that administrators set; without one all of it is written. */
export function governConsole(console: Pick<Console, keyof typeof levelOf>, settings: SeenSettings): void {
  for (const name of ['debug', 'log', 'info', 'warn', 'error'] as const) {
    const write = console[name].bind(console)
    console[name] = (...values: readonly unknown[]) => {
      if (settings.writes(levelOf[name])) write(...values)
    }
  }
}
