/** Something that held the event loop: nothing else could be done meanwhile. */
export interface LoopHold {
  /** When it was over, ms since 1970. */
  readonly at: number
  readonly ms: number
  /** What held it. `unknown`: it was seen from outside that the loop stood still; `operation` is one that was under way. */
  readonly what: 'parse' | 'validate' | 'execute' | 'serialise' | 'store' | 'garbage collection' | 'unknown'
  /** The root field of the operation, such as `query jobs`; `null` where it was none. */
  readonly operation: string | null
  /** The name that the client gave the operation. */
  readonly operationName: string | null
  /** Under which the log has it. */
  readonly requestId: string | null
}

/** Pauses for garbage collection of one kind, since the process began. */
export interface GcFigures {
  readonly kind: 'minor' | 'major' | 'incremental' | 'weakcb'
  readonly count: number
  readonly totalMs: number
  readonly maxMs: number
}

/** What keeps the event loop alive: timers, sockets, files and so on, by Node's names. */
export interface ActiveResource {
  readonly type: string
  readonly count: number
}

/** What a process knows of its event loop beyond what stands in `ProcessLoad`. */
export interface LoopStatus {
  readonly gc: readonly GcFigures[]
  readonly resources: readonly ActiveResource[]
  /** The longest of the last ten minutes, longest first. */
  readonly holds: readonly LoopHold[]
}
