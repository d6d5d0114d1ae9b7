import type { LogLevel } from './job.ts'

/** Nothing may be changed but by administrators, until they end it. */
export interface Maintenance {
  /** What is told to whoever wants to change something. */
  readonly message: string
  /** ms since 1970 */
  readonly since: number
  /** The user who began it. */
  readonly by: string
}

/** What administrators set while the server runs, the same for all processes. */
export interface RuntimeSettings {
  /** How grave a line must be to be written to the log; `null`: what `LOG_LEVEL` says. */
  readonly logLevel: LogLevel | null
  readonly maintenance: Maintenance | null
}

/** As it is where nobody has set anything. */
export const unsetRuntimeSettings: RuntimeSettings = { logLevel: null, maintenance: null }
