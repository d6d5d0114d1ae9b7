import type { Logger } from '../../ports/logger.ts'

/** A step of a shutdown. */
export interface Phase {
  readonly name: string
  /** How long it may take until the next one begins, in ms. */
  readonly deadlineMs: number
  run(): Promise<unknown>
}

export interface PhasesOptions {
  readonly logger: Logger
  /** What is open at the moment: told when a phase does not end in time. */
  stillOpen(): object
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
}

/**
 * Runs the phases one after the other, each no longer than it may take; the log has a line for each, and an error for each that
 * fails. One that fails or is not over in time keeps none of those after it from running. Rejects in the end with what the first that
 * failed rejected with.
 */
export async function runPhases(phases: readonly Phase[], options: PhasesOptions): Promise<void> {
  const failures: unknown[] = []
  for (const phase of phases) await runPhase(phase, options, failures)
  if (failures.length > 0) throw failures[0]
}

async function runPhase(
  { name, deadlineMs, run }: Phase,
  { logger, stillOpen, monotonicMs = () => performance.now() }: PhasesOptions,
  failures: unknown[],
): Promise<void> {
  const since = monotonicMs()
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), deadlineMs)
  let isLate = false
  const told = () => ({ phase: name, ms: Math.round(monotonicMs() - since) })
  const running = run().then(
    () => 'over' as const,
    (error: unknown) => {
      logger.error({ ...told(), err: error }, 'A phase of the shutdown failed.')
      if (!isLate) failures.push(error)
      return 'failed' as const
    },
  )
  const end = await Promise.race([running, late.promise])
  clearTimeout(timer)
  isLate = end === 'late'
  if (end === 'over') logger.info(told(), 'A phase of the shutdown is over.')
  if (isLate)
    logger.warn({ ...told(), ...stillOpen() }, 'A phase of the shutdown is not over in time: the next one begins.')
}
