import { isJsonObject } from '../../core/json-object.ts'
import { type MemberAnswer, MemberError, type MemberErrorCode, type Members } from '../../ports/members.ts'
import { rowOf } from '../line/row-of.ts'
import type { Peer } from '../peer.ts'

export interface IpcMembersOptions {
  /** The primary. */
  readonly peer: Peer
  readonly number: number
  /** The other processes and this one as far as it is asked by itself, while the primary does not answer. */
  readonly here: Pick<Members, 'askAll' | 'answer'>
}

/** How much longer than the members the primary may take, ms. */
const onTheWayMs = 250

/** The members of a cluster, which the primary asks for whoever asks. */
export function createIpcMembers({ peer, number, here }: IpcMembersOptions): Members {
  return {
    number,
    async askAll(question, deadlineMs) {
      try {
        const answer = await peer.request('members.askAll', [question, deadlineMs], {
          deadlineMs: deadlineMs + onTheWayMs,
        })
        return readAnswers(answer)
      } catch {
        const own = await here.askAll(question, deadlineMs)
        return own.map(({ answer }) => ({ number, answer }))
      }
    },
    async ask(asked, question, body, deadlineMs) {
      const answer = await peer
        .request('members.ask', [asked, question, body, deadlineMs], { deadlineMs: deadlineMs + onTheWayMs })
        .catch(() => {
          throw new MemberError('TIMED_OUT', 'The primary did not answer in time.')
        })
      const [kind, first, sentence] = rowOf(answer)
      if (kind === 'answer') return first
      throw new MemberError(readCode(first), String(sentence))
    },
    answer(question, handler) {
      const stops = [peer.answer(`member.${question}`, handler), here.answer(question, handler)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

/** Throws where it is no list of answers. */
function readAnswers(value: unknown): readonly MemberAnswer[] {
  if (!Array.isArray(value)) throw new TypeError('The primary did not answer with a list.')
  return value.map((entry: unknown): MemberAnswer => {
    if (!isJsonObject(entry) || !isNumber(entry['number']))
      throw new TypeError('The primary did not answer with answers.')
    return { number: entry['number'], answer: entry['answer'] ?? null }
  })
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function readCode(value: unknown): MemberErrorCode {
  return value === 'NOT_THERE' || value === 'TIMED_OUT' ? value : 'FAILED'
}
