import { type Course, transportAt } from './course.ts'
import { OperationError } from './frame.ts'
import { holdTenure } from './hold-tenure.ts'
import { backoff, pause } from './pause.ts'
import type { TenureFailure } from './tenure.ts'

/** After so many failures in a row a transport that worked is left for the next one. */
const mostFailures = 2

/** How often somebody comes back who was never let in and is told that the server is overloaded: for about 20 s. */
const mostAtFirst = 10

/** Refusals that pass by themselves: whoever was let in before is let in again later. */
const passing: ReadonlySet<string | null> = new Set(['OVERLOADED', 'RATE_LIMITED', 'TOO_MANY_STREAMS'])

/** Brings a subscription's frames into its queue, over as many connections as it takes, and ends the queue. Never rejects. */
export async function drive(course: Course): Promise<void> {
  let failure: unknown = null
  try {
    for (;;) {
      course.onConnect(transportAt(course, course.current).name, failure)
      const end = await holdTenure(course)
      if (end === 'aborted') return
      if (end === 'complete') {
        course.queue.end()
        return
      }
      if (end === 'full') {
        failure = null
        await course.queue.drained()
        if (course.signal.aborted) return
      } else {
        failure = end.reason
        if (!mayComeBack(course, end)) throw failure
        if (course.failures > 0) await pause(backoff(course.failures, end.askedMs), course.signal)
      }
    }
  } catch (error) {
    course.queue.end({ reason: error })
  }
}

/** Notes a failure; whether to try again, and by which transport. */
function mayComeBack(course: Course, { reason, wasSettled, askedMs }: TenureFailure): boolean {
  const { outage, times } = course
  const patienceMs = course.proven ? times.giveUpAfterMs : times.giveUpAtFirstMs
  outage.down()
  if (reason instanceof OperationError) {
    // A token has run out that had let the stream in, and there may be a fresh one.
    if (reason.code === 'UNAUTHENTICATED') return wasSettled && course.mayRenew
    course.failures += 1
    // A server that is being started anew may say so to who comes for the first time.
    const isAwaited = course.proven || (reason.code === 'OVERLOADED' && course.failures <= mostAtFirst)
    return isAwaited && passing.has(reason.code) && askedMs <= patienceMs
  }
  course.failures += 1
  // One that never worked is left at once, one that did after it failed again and again.
  if (!course.proven || course.failures > mostFailures) course.current = (course.current + 1) % course.transports.length
  // Who is asked for more patience than it has says so at once, instead of coming back too soon.
  return outage.ms < patienceMs && askedMs <= patienceMs
}
