import type { MemberOrder } from './member-order.ts'
import type { Peer } from './peer.ts'

/** A process that was forked as a member. */
export interface ForkedMember {
  /** `null` when there was no process to be had. */
  readonly pid: number | null
  readonly peer: Peer
  kill(signal: NodeJS.Signals): void
  /** Resolves, never rejects, when the process is gone and all that it said was heard. */
  readonly exited: Promise<Exit>
}

/** How a process ended: by itself with a code, or by a signal. Neither, when it was never there. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** Starts the process of a member. Never throws: one that could not be started has ended. */
export type ForkMember = (order: MemberOrder) => ForkedMember
