import type { Principal } from '../../../core/principal.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import type { MfaChallengeData } from '../entry/entry.ts'
import type { AccountParts } from '../parts.ts'
import { type ChallengeAnswer, createAnswerChallenge } from './answer-challenge.ts'
import type { FactorProof } from './proof.ts'
import { secondFactorsOf } from './second-factors.ts'

export interface CompleteMfaInput {
  readonly challengeToken: string
  readonly proof: FactorProof
}

/** The second step of coming in. */
export interface MfaService {
  /**
   * Starts the session that a first factor asked for, with both factors shown; the one of `present` ends. Throws
   * `INVALID_CHALLENGE`, `INVALID_CODE` with `attemptsRemaining`, and `RateLimitedError`.
   */
  completeMfa(input: CompleteMfaInput, client: ClientInfo, present: Principal): Promise<SignedIn>
}

export function createMfa(parts: AccountParts): MfaService {
  const answerChallenge = createAnswerChallenge(parts)

  return {
    async completeMfa({ challengeToken, proof }, client, present) {
      const answer: ChallengeAnswer = {
        purpose: 'MFA',
        challengeToken,
        proof,
        client,
        by: present,
        methodsOf: async (records, { user }) => (await secondFactorsOf(records, user.id)).methods,
      }
      const admission = await answerChallenge(answer, (records, { token, user }) => {
        const data = JSON.parse(token.data) as MfaChallengeData // `Entry.admit` entered it
        const methods = [...data.methods, proof.method]
        return parts.entry.admit(records, { user, methods, assurance: 2, delivery: data.delivery, client, present })
      })
      const entered = await parts.entry.handOver(admission)
      if (entered.kind !== 'SIGNED_IN') throw new Error('Two factors were shown, and another one was asked for.')
      return entered
    },
  }
}
