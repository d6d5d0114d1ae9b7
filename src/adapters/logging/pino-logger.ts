import { pino, stdTimeFunctions } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { LevelSwitch, Logger } from '../../ports/logger.ts'
import { batchedLines, type Lines } from './batched-lines.ts'
import { createLineMaker } from './line-maker.ts'
import { redact } from './redact.ts'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Coloured lines for people instead of JSON for machines. */
  readonly pretty: boolean
  /** What stands in every line. */
  readonly fields?: object
  /** Where the lines go instead of the standard error output. */
  readonly destination?: Destination
}

interface Destination {
  write(line: string): void
}

/** A logger that can be told to write less, and to write what it still holds. */
export interface OperatorLogger extends Logger, LevelSwitch {
  /** Writes what was not written yet; to be called before the process is ended by force. */
  flush(): void
}

/** Pino's numbers of the levels. */
const gravities = { debug: 20, info: 30 }

/**
 * A logger that writes one line per call to the standard error output: warnings and errors at once, with all before them. What
 * waits is written when the process exits.
 */
export function pinoLogger(options: PinoLoggerOptions): OperatorLogger {
  const { level } = options
  const lines = openLines(options)
  const logger = pino(
    {
      level,
      base: options.fields ?? null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { log: redact },
      // It is a plain object by then.
      serializers: { err: (error: unknown) => error },
    },
    lines.stream,
  )
  const lineOf = createLineMaker(options.fields)
  const quick = (name: 'debug' | 'info', gravity: number) => (fields: object, message: string) => {
    if (!logger.isLevelEnabled(name)) return
    const line = 'err' in fields ? null : lineOf(gravity, redact(fields), message)
    if (line === null) logger[name](fields, message)
    else lines.stream.write(line)
  }
  return {
    debug: quick('debug', gravities.debug),
    info: quick('info', gravities.info),
    warn(fields, message) {
      logger.warn(fields, message)
      lines.flush()
    },
    error(fields, message) {
      logger.error(fields, message)
      lines.flush()
    },
    flush: lines.flushSync,
    setLevel(changed) {
      logger.level = changed ?? level
    },
  }
}

function openLines({ destination, pretty }: PinoLoggerOptions): Lines {
  if (destination !== undefined) return { stream: destination, flush: () => undefined, flushSync: () => undefined }
  const lines = batchedLines()
  return pretty ? prettyLines(lines) : lines
}

/** Each at once. The message says the essence; what else there is stands behind it. */
function prettyLines(lines: Lines): Lines {
  const prettify = prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname', singleLine: true })
  return {
    ...lines,
    stream: {
      write(line) {
        lines.stream.write(prettify(line))
        lines.flush()
      },
    },
  }
}
