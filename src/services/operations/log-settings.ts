import type { LogLevel } from '../../core/job.ts'
import { type RuntimeSettings, unsetRuntimeSettings } from '../../core/runtime-settings.ts'
import type { LevelSwitch, Logger } from '../../ports/logger.ts'

/**
 * Has a log keep the level that is set, and say when that changes and when maintenance begins or ends. To be called with the
 * first settings and with each others; the first say nothing where nobody has set anything.
 */
export function logSettings(logger: Logger & Partial<LevelSwitch>): (settings: RuntimeSettings) => void {
  let last = unsetRuntimeSettings

  return (settings) => {
    const { logLevel, maintenance } = settings
    const before = last
    last = settings
    if (maintenance !== null && before.maintenance === null)
      logger.info({ by: maintenance.by }, 'Maintenance has begun: only administrators can change anything.')
    if (maintenance === null && before.maintenance !== null) logger.info({}, 'Maintenance has ended.')
    if (logLevel === before.logLevel) return
    // Said while the log writes such lines, where it does at all.
    const isLater = logLevel === null ? hidesInfo(before.logLevel) : !hidesInfo(logLevel)
    const say = () => logger.info({ logLevel: logLevel ?? 'LOG_LEVEL' }, 'The log level was changed.')
    if (!isLater) say()
    logger.setLevel?.(logLevel)
    if (isLater) say()
  }
}

function hidesInfo(level: LogLevel | null): boolean {
  return level === 'warn' || level === 'error'
}
