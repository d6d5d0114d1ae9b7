import type { FailureCode } from './frames.ts'

export type Handler = (body: unknown, gone: AbortSignal) => unknown

/** Where the answer to one request goes. */
export interface Reply {
  answer(body: unknown): void
  fail(code: FailureCode, sentence: string): void
}

export interface AnsweringOptions {
  readonly handlers: ReadonlyMap<string, Handler>
  /** How many requests may be under way at once. */
  readonly max: number
  readonly gone: AbortSignal
}

/** Has requests answered by their handlers. What is answered without waiting is answered before the next frame is read. */
export function createAnswering({ handlers, max, gone }: AnsweringOptions) {
  let underWay = 0

  async function answerLater(answer: PromiseLike<unknown>, reply: Reply): Promise<void> {
    underWay += 1
    try {
      reply.answer(await answer)
    } catch (error) {
      reply.fail('FAILED', sentenceOf(error))
    } finally {
      underWay -= 1
    }
  }

  return {
    serve(name: string, body: unknown, reply: Reply): void {
      const handler = handlers.get(name)
      if (handler === undefined) {
        reply.fail('FAILED', `Nobody here answers "${name.slice(0, 100)}".`)
        return
      }
      if (underWay >= max) {
        reply.fail('OVERLOADED', 'Too many requests wait for their answers.')
        return
      }
      try {
        const answer = handler(body, gone)
        if (isPromiseLike(answer)) void answerLater(answer, reply)
        else reply.answer(answer)
      } catch (error) {
        reply.fail('FAILED', sentenceOf(error))
      }
    },
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
