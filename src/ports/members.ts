/**
 * What one of the processes that serve together can ask the others. `metrics`: their figures. `status`: what they say of
 * themselves. `snapshot`: to take a heap snapshot.
 */
export type MemberQuestion = 'metrics' | 'status' | 'snapshot'

/** Why a member gave no answer. */
export type MemberErrorCode = 'NOT_THERE' | 'TIMED_OUT' | 'FAILED'

/** A question to a member that was not answered. With `FAILED` the message is the member's own sentence. */
export class MemberError extends Error {
  readonly code: MemberErrorCode

  constructor(code: MemberErrorCode, message: string) {
    super(message)
    this.name = 'MemberError'
    this.code = code
  }
}

export interface MemberAnswer {
  /** The place of the process, counted from 1; the primary has 0. */
  readonly number: number
  /** JSON. `null` where it did not answer in time. */
  readonly answer: unknown
}

/**
 * The processes that serve together, this one among them: alone it is the only one. Of two that have one place while one follows
 * the other, the one that serves is asked. What is answered was said by the same program, but is as old as its way was long.
 */
export interface Members {
  /** The place of this process. */
  readonly number: number
  /**
   * Asks all of them, the primary among them where there is one, at once. In the order of their numbers, none twice. Resolves within
   * a little over the deadline (ms) and never rejects: where the primary does not answer, this process alone does.
   */
  askAll(question: MemberQuestion, deadlineMs: number): Promise<readonly MemberAnswer[]>
  /** Asks the one of that number. Rejects with a `MemberError`. */
  ask(number: number, question: MemberQuestion, body: unknown, deadlineMs: number): Promise<unknown>
  /**
   * Answers a question from now on; `body` is `null` when all were asked. What it throws reaches who asked as `FAILED` with its message, so
   * it must be a sentence for people. Call the result to stop. Throws a `TypeError` where the question is answered already.
   */
  answer(question: MemberQuestion, handler: (body: unknown) => unknown): () => void
}
