import type { Position } from '../../src/core/cursor.ts'
import type { JobEvent, JobState } from '../../src/core/job.ts'

/** What a client wants of the server, under a key that it sends again until it has an answer. */
export interface Wish {
  readonly owner: string
  readonly key: string
  readonly task: string
  readonly input: unknown
  /** The job that is to be done again; its input is then `input`. */
  readonly retryOf: string | null
}

/** A job as an answer showed it. */
export interface ShownJob {
  readonly jobId: string
  readonly state: JobState
  /** How many observations there were when the client asked: what was observed before then had happened before the answer. */
  readonly askedAt: number
}

/** One thing that somebody outside the server saw. */
export type Observation =
  | ({ readonly type: 'accepted'; readonly wish: Wish } & ShownJob)
  | { readonly type: 'refused'; readonly wish: Wish; readonly code: string; readonly unanswered: number }
  | ({ readonly type: 'cancelAnswered'; readonly cancelRequested: boolean } & ShownJob)
  | ({ readonly type: 'read' } & ShownJob)
  | Frame
  | { readonly type: 'streamEnded'; readonly stream: number; readonly jobId: string }
  /** The server as a whole began to end, `at` ms since 1970, and has no work done until it is started anew. */
  | { readonly type: 'ending'; readonly at: number }
  /** The server was asked to end. */
  | { readonly type: 'stopped'; readonly signal: NodeJS.Signals; readonly code: number | null }
  /**
   * Members were killed, or frozen for longer than their leases, `at` ms since 1970. What ran on them is to go on within so
   * many ms.
   */
  | {
      readonly type: 'struck'
      readonly by: string
      readonly nodes: readonly string[]
      readonly at: number
      readonly withinMs: number
    }
  /** A primary died, and its last member so many ms later; `null` when one was still there after a long time. */
  | { readonly type: 'orphaned'; readonly ms: number | null }
  /** An answer that the client had no reason to expect. */
  | { readonly type: 'unexpected'; readonly what: string }

/** What one frame of a stream said. A stream lives on over cut connections and other transports. */
export interface Frame {
  readonly type: 'frame'
  readonly stream: number
  readonly jobId: string
  readonly position: Position | null
  /** On the first frame of each connection. */
  readonly opening: { readonly status: 'fresh' | 'recovered' | 'snapshot'; readonly gap: boolean } | null
  readonly event: JobEvent['type']
  readonly state: JobState
}

/** What was seen from outside, in the order in which it was seen. */
export interface History {
  readonly observations: readonly Observation[]
  note(observation: Observation): void
}

/** An empty one. */
export function createHistory(): History {
  const observations: Observation[] = []
  return { observations, note: (observation) => void observations.push(observation) }
}

/** What an observation says about the state of a job in an answer; `null` where it says nothing. */
export function shownJob(observation: Observation): ShownJob | null {
  return 'askedAt' in observation ? observation : null
}
