import type { Logger } from '../../ports/logger.ts'

/** Work that is done once a minute, by the name that the log has for it. Each piece may be done by several processes at once. */
export type UpkeepWork = Readonly<Record<string, () => Promise<unknown>>>

const everyMs = 60_000

/** Does the work once a minute, one piece after the other, until it is disposed of. A piece that fails waits for its next turn. */
export function startUpkeep(work: UpkeepWork, logger: Logger): AsyncDisposable {
  let closed = false
  let doing: Promise<void> | null = null

  async function doAll(): Promise<void> {
    for (const [name, piece] of Object.entries(work)) {
      if (closed) return
      try {
        await piece()
      } catch (error) {
        logger.warn({ work: name, error: String(error) }, 'Upkeep failed; it is tried again in a minute.')
      }
    }
  }

  const timer = setInterval(() => {
    doing ??= doAll().finally(() => {
      doing = null
    })
  }, everyMs)
  timer.unref()

  return {
    async [Symbol.asyncDispose]() {
      closed = true
      clearInterval(timer)
      await doing
    },
  }
}
