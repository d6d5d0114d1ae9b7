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
 * Runs the phases one after the other, each no longer than it may take; the log has a line for each. One that fails or is not over
 * in time keeps none of those after it from running. Rejects in the end with what the first that failed rejected with.
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
  const ended = run().catch((error: unknown) => {
    if (isLate) logger.error({ phase: name, err: error }, 'A phase of the shutdown failed after its deadline.')
    else failures.push(error)
  })
  isLate = (await Promise.race([ended, late.promise])) === 'late'
  clearTimeout(timer)
  const told = { phase: name, ms: Math.round(monotonicMs() - since) }
  if (isLate)
    logger.warn({ ...told, ...stillOpen() }, 'A phase of the shutdown is not over in time: the next one begins.')
  else logger.info(told, 'A phase of the shutdown is over.')
}
