import type { AuthMethod } from '../../../core/auth-method.ts'
import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { mfaChallenge } from '../entry/entry.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import { findUsableToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { createProofCheck, type Proof, type ProofParts } from './proof.ts'

/** A try at a challenge. */
export interface ChallengeAnswer {
  readonly purpose: 'MFA' | 'STEP_UP'
  readonly challengeToken: string
  readonly proof: Proof
  readonly by: Principal
  readonly client: ClientInfo
  /** What may be shown; nothing: the challenge is void. */
  readonly methodsOf: (records: Records, challenge: Challenge) => Promise<readonly AuthMethod[]>
}

/** A challenge that is open, and whom it asks. */
export interface Challenge {
  readonly token: OneTimeTokenRecord
  readonly user: UserRecord
}

/**
 * Tries an answer, and runs `succeed` in the transaction that uses up both the challenge and the proof: of any number of
 * tries at once, one gets there. Throws `INVALID_CHALLENGE`, `INVALID_CODE` with `attemptsRemaining`, and `RateLimitedError`.
 */
export type AnswerChallenge = <T>(
  answer: ChallengeAnswer,
  succeed: (records: Records, challenge: Challenge) => Promise<T>,
) => Promise<T>

export function createAnswerChallenge(parts: ProofParts & Pick<AccountParts, 'limiters'>): AnswerChallenge {
  const { store, clock, limiters } = parts
  const checkProof = createProofCheck(parts)

  /** The attempt is counted before anything is checked: no number of tries at once gets more of them. */
  async function begin(answer: ChallengeAnswer) {
    await limiters.challengeByNetwork.consume(networkOf(answer.client.ip))
    const challenge = await store.read((records) => open(records, answer, clock.now()))
    const isCounted = await store.write(({ oneTimeTokens }) =>
      oneTimeTokens.countAttempt(challenge.token.id, mfaChallenge.attempts, clock.now()),
    )
    if (!isCounted) throw invalidChallenge()
    return challenge
  }

  return async (answer, succeed) => {
    const { proof, by, client } = answer
    const { token, user, methods } = await begin(answer)
    const ask = { userId: user.id, passkeyChallenge: passkeyChallengeOf(token), by, client }
    const checked = methods.includes(proof.method) ? await checkProof(proof, ask) : null
    if (checked === null) throw await fail(parts, answer, token)

    const done = await store.write(async (records) => {
      const now = await open(records, answer, clock.now())
      if (!now.methods.includes(proof.method) || !(await checked.commit(records))) return null
      if ((await records.oneTimeTokens.take(token.id, clock.now())) === null) throw invalidChallenge()
      return { value: await succeed(records, now) }
    })
    if (done === null) throw await fail(parts, answer, token)
    return done.value
  }
}

/** The challenge with what its user may show, while it can be answered. Throws `INVALID_CHALLENGE`. */
async function open(records: Records, answer: ChallengeAnswer, now: number) {
  const { challengeToken, purpose, client } = answer
  const token = await findUsableToken(records, challengeToken, { purpose, device: client.device, now })
  if (token === null) throw invalidChallenge()
  const user = token.userId === null ? null : await records.accounts.findUser(token.userId)
  if (user?.disabledAt !== null) throw invalidChallenge()
  const methods = await answer.methodsOf(records, { token, user })
  if (methods.length === 0) throw invalidChallenge()
  return { token, user, methods }
}

/** Writes the failure down; the refusal that says how often it may be tried again. */
async function fail(
  { store, audit }: ProofParts,
  { purpose, proof, by, client }: ChallengeAnswer,
  { id, userId }: OneTimeTokenRecord,
): Promise<Refusal> {
  const event = purpose === 'MFA' ? 'MFA_FAILED' : 'STEP_UP_FAILED'
  const attemptsRemaining = await store.write(async (records) => {
    const used = (await records.oneTimeTokens.find(id))?.attempts ?? mfaChallenge.attempts
    await audit(records, { event, outcome: 'FAILURE', by, client, subjectId: userId, methods: [proof.method] })
    return Math.max(0, mfaChallenge.attempts - used)
  })
  return new Refusal('INVALID_CODE', wrongSentences[proof.method], { attemptsRemaining })
}

/** The same whatever is wrong with it: that the account has no such factor, that it was used before, that it never was right. */
const wrongSentences = {
  PASSWORD: 'The password is not right.',
  TOTP: 'The code is not right, or was used already.',
  RECOVERY_CODE: 'The recovery code is not right, or was used already.',
  PASSKEY: 'The passkey did not answer this challenge.',
} as const satisfies Record<Proof['method'], string>

function invalidChallenge(): Refusal {
  return new Refusal('INVALID_CHALLENGE', 'The challenge is unknown, used up or expired: begin again.')
}

function passkeyChallengeOf({ data }: OneTimeTokenRecord): string {
  const { passkeyChallenge } = JSON.parse(data) as { readonly passkeyChallenge: string } // entered with every challenge
  return passkeyChallenge
}
