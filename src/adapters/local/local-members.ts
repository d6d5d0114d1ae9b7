import { MemberError, type MemberQuestion, type Members } from '../../ports/members.ts'

type Handler = (body: unknown) => unknown

/** The only process there is. */
export function localMembers(): Members {
  const handlers = new Map<MemberQuestion, Handler>()
  const number = 1

  async function ask(question: MemberQuestion, body: unknown, deadlineMs: number): Promise<unknown> {
    const handler = handlers.get(question)
    if (handler === undefined) throw new MemberError('FAILED', 'The process cannot answer that.')
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new MemberError('TIMED_OUT', 'The process did not answer in time.')),
      deadlineMs,
    )
    try {
      return await Promise.race([handler(body), late])
    } catch (error) {
      if (error instanceof MemberError) throw error
      throw new MemberError('FAILED', error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
    }
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
      handlers.set(question, handler)
      return () => {
        if (handlers.get(question) === handler) handlers.delete(question)
      }
    },
  }
}
