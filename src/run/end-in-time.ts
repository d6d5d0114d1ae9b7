import { activeResources } from '../adapters/local/active-resources.ts'
import type { Logger } from '../ports/logger.ts'

/** With what a process exits that something kept alive after all was closed (`EX_SOFTWARE` of sysexits.h). */
const keptAliveCode = 70

/** How long a process may take to be gone once all is closed, in ms. */
const goneWithinMs = 5_000

export interface EndOptions {
  readonly logger: Logger & { flush(): void }
  /** How many threads are there that cannot be ended. */
  readonly heldThreads?: () => number
}

/**
 * To be called when all is closed: a process that is there all the same a while later says what keeps it alive, and exits, with
 * code 70 unless it has another. Where a thread is in native code it ends itself by SIGKILL, for `process.exit` would wait for it.
 */
export function endInTime({ logger, heldThreads = () => 0 }: EndOptions): void {
  setTimeout(() => {
    const threads = heldThreads()
    logger.error(
      { resources: activeResources(), heldThreads: threads },
      'All is closed, and something keeps the process alive.',
    )
    logger.flush()
    if (threads > 0) process.kill(process.pid, 'SIGKILL')
    process.exit(process.exitCode ?? keptAliveCode)
  }, goneWithinMs).unref()
}
