import { type MemberAnswer, MemberError, type MemberQuestion, type Members } from '../../ports/members.ts'
import { rowOf } from '../line/row-of.ts'
import { type Peer, PeerError } from '../peer.ts'

/** One of the members that serve, with the line to it. */
export interface ServingMember {
  readonly number: number
  readonly peer: Pick<Peer, 'request'>
}

export interface MembersDeskOptions {
  /** Who serves at the moment, one for each number. */
  serving(): readonly ServingMember[]
  /** The primary itself, as number 0. */
  readonly here: Pick<Members, 'ask' | 'answer'>
}

/** How long the primary waits for members at most, ms: a heap snapshot may take minutes. */
const maxDeadlineMs = 600_000

const questions: readonly unknown[] = ['metrics', 'status', 'snapshot'] satisfies MemberQuestion[]

/** Passes questions on to members and their answers back, and answers for the primary itself as number 0. */
export function createMembersDesk({ serving, here }: MembersDeskOptions) {
  const answered = new Set<MemberQuestion>()

  async function ask(number: number, question: MemberQuestion, body: unknown, deadlineMs: number): Promise<unknown> {
    if (number === 0) {
      if (!answered.has(question)) throw new MemberError('NOT_THERE', 'The primary cannot answer that.')
      return here.ask(0, question, body, deadlineMs)
    }
    const member = serving().find((one) => one.number === number)
    if (member === undefined) throw new MemberError('NOT_THERE', `There is no process with the number ${number}.`)
    return member.peer.request(`member.${question}`, body, { deadlineMs })
  }

  async function askAll(question: MemberQuestion, deadlineMs: number): Promise<readonly MemberAnswer[]> {
    const numbers = [...(answered.has(question) ? [0] : []), ...serving().map(({ number }) => number)]
    return Promise.all(
      numbers
        .toSorted((one, other) => one - other)
        .map(async (number) => ({
          number,
          answer: await ask(number, question, null, deadlineMs).catch(() => null),
        })),
    )
  }

  return {
    /** Serves a member. */
    join(peer: Peer): void {
      peer.answer('members.askAll', (body) => {
        const [question, deadlineMs] = rowOf(body)
        if (!isQuestion(question) || !isDeadline(deadlineMs)) throw new Error('A question has a deadline.')
        return askAll(question, deadlineMs)
      })
      peer.answer('members.ask', async (body) => {
        const [number, question, asked, deadlineMs] = rowOf(body)
        if (typeof number !== 'number' || !isQuestion(question) || !isDeadline(deadlineMs))
          throw new Error('A question has a number and a deadline.')
        // An answer of either kind: a failure over the line has a sentence, but no code.
        return ask(number, question, asked, deadlineMs).then(
          (answer) => ['answer', answer],
          (error: unknown) => ['failure', ...failureOf(error)],
        )
      })
    },
    /** Has the primary answer a question itself. */
    answer(question: MemberQuestion, handler: (body: unknown) => unknown): void {
      answered.add(question)
      here.answer(question, handler)
    },
  }
}

/** Code and sentence of what a question failed with. */
function failureOf(error: unknown): readonly [MemberError['code'], string] {
  if (error instanceof MemberError) return [error.code, error.message]
  if (!(error instanceof PeerError)) return ['FAILED', error instanceof Error ? error.message : String(error)]
  if (error.code === 'FAILED') return ['FAILED', error.message]
  return [error.code === 'CLOSED' ? 'NOT_THERE' : 'TIMED_OUT', 'The process did not answer in time.']
}

function isQuestion(value: unknown): value is MemberQuestion {
  return questions.includes(value)
}

function isDeadline(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= maxDeadlineMs
}
