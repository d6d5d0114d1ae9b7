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
        // What `createMembersDesk` of the same program answers.
        return answer as readonly MemberAnswer[]
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

function readCode(value: unknown): MemberErrorCode {
  return value === 'NOT_THERE' || value === 'TIMED_OUT' ? value : 'FAILED'
}
