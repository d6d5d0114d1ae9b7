import { pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from '../../core/job.ts'
import type { LevelSwitch, Logger } from '../../ports/logger.ts'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Coloured lines for people instead of JSON for machines. */
  readonly pretty: boolean
  /** What stands in every line. */
  readonly fields?: object
}

/** Names under which a secret might be logged by mistake; what stands under them is never written. */
const secretNames = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'setupToken',
  'inviteToken',
  'accessToken',
  'refreshToken',
  'challengeToken',
  'totpCode',
  'recoveryCode',
  'codeVerifier',
  'apiKey',
  'authorization',
  'cookie',
  'secret',
]

/** A logger that can be told to write less, and to write what it still holds. */
export interface OperatorLogger extends Logger, LevelSwitch {
  /** Writes what was not written yet; to be called before the process is ended by force. */
  flush(): void
}

/** A logger that writes one line per call to the standard error output. */
export function pinoLogger(options: PinoLoggerOptions): OperatorLogger {
  const redact = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const destination = options.pretty
    ? pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: false })
  const { level } = options
  const logger = pino({ level, redact, base: options.fields ?? null, timestamp: stdTimeFunctions.isoTime }, destination)
  return Object.assign(logger, {
    flush() {
      if ('flushSync' in destination) destination.flushSync()
    },
    setLevel(changed: LogLevel | null) {
      logger.level = changed ?? level
    },
  })
}
