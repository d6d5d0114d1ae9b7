import { pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'
import type { Logger } from '../../ports/logger.ts'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Coloured lines for people instead of JSON for machines. */
  readonly pretty: boolean
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

/** A logger that writes one line per call to the standard error output. */
export function pinoLogger(options: PinoLoggerOptions): Logger {
  const redact = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const destination = options.pretty
    ? pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: false })
  return pino({ level: options.level, redact, base: null, timestamp: stdTimeFunctions.isoTime }, destination)
}
