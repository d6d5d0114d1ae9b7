import type { FinishedLog } from './finished-log.ts'
import type { OpenLog } from './open-log.ts'
import type { Target } from './target.ts'

/** What a check has to work with. */
export interface Bench {
  readonly target: Target
  /** Aborted when the check is over: all that it opened is closed then. */
  readonly signal: AbortSignal
  /** A log of the check's own that goes on, without events so far. */
  openLog(): OpenLog
  /** A log that has come to its end, the same for all checks. */
  finishedLog(): Promise<FinishedLog>
}

export type Level = 'MUST' | 'SHOULD'

/** The parts that a run can be restricted to; a check of several parts is made when all of them are chosen. */
export const parts = ['ws', 'sse', 'poll'] as const

export type Part = (typeof parts)[number]

/** One thing that a server is checked for. */
export interface Check {
  /** `part.words`, or `words` where several transports do the same; `@transport` names the one it is made over. */
  readonly id: string
  /** The rule of docs/protocol.md that it comes from. */
  readonly rule: string
  readonly level: Level
  /** What a server does that keeps the rule. */
  readonly says: string
  readonly parts: readonly Part[]
  /** Made only when asked for, since it takes long. */
  readonly slow?: boolean
  /** Made when no other check is, since it uses what all share. */
  readonly alone?: boolean
  /** Throws a `Violation` for a server that breaks the rule, `Impossible` where it cannot be seen. */
  run(bench: Bench): Promise<void>
}
