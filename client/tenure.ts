import type { Connection } from './connection.ts'
import { type Course, handOn, noteWorks, transportAt } from './course.ts'
import type { Frame } from './frame.ts'
import { askedWaitMs } from './retry-after.ts'

/** A connection was lost or refused. */
export interface TenureFailure {
  readonly reason: unknown
  /** Whether it had worked. */
  readonly wasSettled: boolean
  /** How long the server asks to wait before another is opened, in ms. */
  readonly askedMs: number
}

/** How connections that followed each other without a break ended. */
export type TenureEnd = 'complete' | 'full' | 'aborted' | TenureFailure

/** The connection whose frames count, and those that take its place. */
export interface Tenure {
  connection: Connection
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  /** To be called for the connection whose frames count. */
  end(how: TenureEnd): void
}

/** Hands a frame on, and ends the tenure when no more may wait. */
export function takeFrame(course: Course, tenure: Tenure, frame: Frame): void {
  handOn(course, frame)
  if (course.queue.isFull) tenure.end('full')
}

/** Ends the tenure as its connection ended; `null` is complete. */
export function endWith(tenure: Tenure, reason: unknown): void {
  if (reason === null) return tenure.end('complete')
  const { isSettled, retryMs } = tenure.connection
  return tenure.end({ reason, wasSettled: isSettled, askedMs: Math.max(retryMs, askedWaitMs(reason)) })
}

/** Lets a connection take the place of the present one, which is closed only now. */
export function succeed(course: Course, tenure: Tenure, connection: Connection, place: number): void {
  const old = tenure.connection
  tenure.connection = connection
  course.current = place
  old.close()
  noteWorks(course)
  course.onConnect(transportAt(course, place).name, null)
}
