import { type Connection, type ConnectionListener, openConnection } from './connection.ts'
import { isSeen } from './cursor.ts'
import type { Frame, Headers, NamedTransport, Resume } from './frame.ts'
import type { FrameQueue } from './frame-queue.ts'
import type { Operation } from './operation.ts'
import type { Outage } from './outage.ts'
import type { ClientTimes } from './times.ts'
import type { TransportMemory } from './transport-memory.ts'

/** How a subscription is doing, over all of its connections. */
export interface Course {
  readonly url: string
  readonly operation: Operation
  readonly onGap: Resume['onGap']
  readonly headers: () => Promise<Headers>
  /** Whether the next headers may be others than the last. */
  readonly mayRenew: boolean
  /** The transports to use, the best one first. */
  readonly transports: readonly NamedTransport[]
  /** What is remembered of them; `null` where there is no choice. */
  readonly memory: TransportMemory | null
  readonly times: ClientTimes
  readonly queue: FrameQueue
  readonly onConnect: (transport: NamedTransport['name'], failure: unknown) => void
  /** Aborted when the subscription is over for its user. */
  readonly signal: AbortSignal
  readonly outage: Outage
  /** The cursor of the last frame. */
  after: string | null
  /** The place of the present transport in the list. */
  current: number
  /** Whether any connection has worked. */
  proven: boolean
  /** In a row. */
  failures: number
}

/** The transport at a place; the place after the last one is the first again. */
export function transportAt({ transports }: Course, place: number): NamedTransport {
  const transport = transports[place % transports.length]
  if (transport === undefined) throw new TypeError('There is no transport.')
  return transport
}

/** Opens a stream after the last frame. */
export function openAt(course: Course, place: number, listener: ConnectionListener): Connection {
  const { url, operation, headers, times, transports, after, onGap } = course
  const transport = transportAt(course, place)
  const isLast = place % transports.length === transports.length - 1
  const openMs = isLast ? 4 * times.openMs : times.openMs
  return openConnection({ url, operation, headers, times, transport, openMs, resume: { after, onGap } }, listener)
}

/** Notes that the present transport works. */
export function noteWorks(course: Course): void {
  course.proven = true
  course.failures = 0
  course.memory?.works(transportAt(course, course.current).name)
}

/** Hands a frame on, unless its event has been: two connections overlap. */
export function handOn(course: Course, frame: Frame): void {
  const { cursor, gap } = frame.extensions?.resume ?? {}
  // What follows a gap stands at a place of its own, which may be before the last.
  if (cursor !== undefined && gap !== true && isSeen(cursor, course.after)) return
  course.after = cursor ?? course.after
  course.queue.push(frame)
}
