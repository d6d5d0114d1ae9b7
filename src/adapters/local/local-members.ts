import { within } from '../../core/within.ts'
import { MemberError, type MemberQuestion, type Members } from '../../ports/members.ts'

type Handler = (body: unknown) => unknown

/** The process that has this number, as if there were no other. */
export function localMembers(number = 1): Members {
  const handlers = new Map<MemberQuestion, Handler>()

  async function ask(question: MemberQuestion, body: unknown, deadlineMs: number): Promise<unknown> {
    const handler = handlers.get(question)
    if (handler === undefined) throw new MemberError('FAILED', 'The process cannot answer that.')
    const late = new MemberError('TIMED_OUT', 'The process did not answer in time.')
    try {
      const answer = await within(deadlineMs, handler(body), late)
      if (answer !== late) return answer
    } catch (error) {
      if (error instanceof MemberError) throw error
      throw new MemberError('FAILED', error instanceof Error ? error.message : String(error))
    }
    throw late
  }

  return {
    number,
    async askAll(question, deadlineMs) {
      return [{ number, answer: await ask(question, null, deadlineMs).catch(() => null) }]
    },
    async ask(asked, question, body, deadlineMs) {
      if (asked !== number) throw new MemberError('NOT_THERE', `There is no process with the number ${asked}.`)
      return ask(question, body, deadlineMs)
    },
    answer(question, handler) {
      if (handlers.has(question)) throw new TypeError(`The question "${question}" is answered already.`)
      handlers.set(question, handler)
      return () => void handlers.delete(question)
    },
  }
}
