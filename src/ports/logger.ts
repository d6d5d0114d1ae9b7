import type { LogLevel } from '../core/job.ts'

/** Where the operator's log lines go. Never given a password, a token, a code or a cookie. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What a logger can do besides, whose level can be changed while it writes. */
export interface LevelSwitch {
  /** Lines that are less grave are not written from now on; `null`: as it was when the logger was made. */
  setLevel(level: LogLevel | null): void
}
