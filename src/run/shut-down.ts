import { activeResources } from '../adapters/local/active-resources.ts'
import type { Logger } from '../ports/logger.ts'
import { type Phase, runPhases } from '../services/operations/run-phases.ts'

/** How a server comes to its end, in ms. */
export interface LeavingTimes {
  /** For how long it says that it goes, and serves on. */
  readonly unreadyMs: number
  /** How long what is under way may take to come to an end. */
  readonly drainMs: number
}

export interface ShutdownParts extends LeavingTimes {
  readonly logger: Logger
  /** Has it say that it goes. */
  unready(): void
  stopAccepting(): void
  /** Ends what is under way; what does not end within `drainMs` is given up. */
  drain(): Promise<unknown>
  /** Closes all that is left. */
  close(): Promise<unknown>
  /** What is open: figures for the log. */
  open(): object
}

/** How long tasks may take to stop, and their jobs to be handed back, once the time to drain is over; and closing. In ms. */
const handBackMs = 16_000
const closeMs = 10_000

/** Has a server leave in phases, each with its deadline and its line in the log. Rejects with what went wrong first. */
export async function shutDown({ unreadyMs, drainMs, ...parts }: ShutdownParts): Promise<void> {
  const phases: readonly Phase[] = [
    { name: 'stop accepting', deadlineMs: closeMs, run: async () => parts.stopAccepting() },
    { name: 'drain', deadlineMs: drainMs + handBackMs, run: () => parts.drain() },
    { name: 'close', deadlineMs: closeMs, run: () => parts.close() },
  ]
  parts.unready()
  const stillOpen = () => ({ ...parts.open(), resources: activeResources() })
  await runPhases(unreadyMs > 0 ? [unreadyFor(unreadyMs), ...phases] : phases, { logger: parts.logger, stillOpen })
}

function unreadyFor(ms: number): Phase {
  // Its own time is its end, not a deadline that it misses.
  return { name: 'unready', deadlineMs: 2 * ms, run: () => new Promise((resolve) => setTimeout(resolve, ms)) }
}
