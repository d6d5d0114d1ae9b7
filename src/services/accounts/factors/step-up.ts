import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import { newSecret } from '../../../core/secrets.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import { mfaChallenge } from '../entry/entry.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import { newOneTimeToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { livingSession } from '../sessions/living-session.ts'
import type { StartedSession } from '../sessions/start-session.ts'
import { type ChallengeAnswer, createAnswerChallenge } from './answer-challenge.ts'
import type { Proof } from './proof.ts'
import { type SecondFactors, secondFactorsOf } from './second-factors.ts'

/** What can be shown again: everything but a provider, which is asked by signing in anew. */
export type StepUpMethod = Proof['method']

/** Asks for the factors once more. */
export interface StepUpChallenge {
  readonly challengeToken: string
  readonly expiresAt: number
  readonly methods: readonly StepUpMethod[]
  /** For `navigator.credentials.get()`; `null` where the user has no passkey. */
  readonly passkeyOptions: Readonly<Record<string, unknown>> | null
  readonly attemptsRemaining: number
}

export interface CompleteStepUpInput {
  readonly challengeToken: string
  readonly proof: Proof
}

/** Showing the factors again, for what is guarded by `STEP_UP_REQUIRED`. */
export interface StepUpService {
  /**
   * Opens a challenge for the principal's session: by a second factor where the user has one, by the password otherwise.
   * Throws `NOT_ENROLLED` for who has neither, `FORBIDDEN` for an API key, `SESSION_REVOKED` and `RateLimitedError`.
   */
  startStepUp(principal: Principal, client: ClientInfo): Promise<StepUpChallenge>
  /**
   * Renews the session with what was shown: its credentials until now are dead, its streams live on. Throws
   * `INVALID_CHALLENGE`, `INVALID_CODE` with `attemptsRemaining`, `RateLimitedError` and `SESSION_REVOKED`.
   */
  completeStepUp(input: CompleteStepUpInput, principal: Principal, client: ClientInfo): Promise<SignedIn>
}

interface StepUpData {
  readonly sessionId: string
  readonly passkeyChallenge: string
}

export function createStepUp(parts: AccountParts): StepUpService {
  const answerChallenge = createAnswerChallenge(parts)

  return {
    startStepUp: async (principal, client) => start(parts, sessionOf(principal), client),

    async completeStepUp({ challengeToken, proof }, principal, client) {
      const own = sessionOf(principal)
      const answer: ChallengeAnswer = {
        purpose: 'STEP_UP',
        challengeToken,
        proof,
        client,
        by: own,
        methodsOf: async (records, { token, user }) => {
          if (!isOf(own, token)) return []
          await livingSession(records, own, parts.clock.now())
          return (await waysOf(records, user.id)).methods
        },
      }
      const renewed = await answerChallenge(answer, (records) => renew(parts, records, answer, own))
      return parts.starter.handOver(renewed)
    },
  }
}

async function start(
  { store, clock, limiters, ceremonies }: AccountParts,
  principal: SessionPrincipal,
  client: ClientInfo,
): Promise<StepUpChallenge> {
  const { userId, sessionId } = principal
  await limiters.challengeByNetwork.consume(networkOf(client.ip))
  const data: StepUpData = { sessionId, passkeyChallenge: newSecret(32) }
  const facts = { purpose: 'STEP_UP', userId, data: { ...data }, now: clock.now() } as const
  const { token, record } = newOneTimeToken({ ...facts, lifetimeMs: mfaChallenge.lifetimeMs })
  const { methods, passkeys } = await store.write(async (records) => {
    await livingSession(records, principal, clock.now())
    const ways = await waysOf(records, userId)
    if (ways.methods.length === 0) throw nothingToShow()
    await records.oneTimeTokens.insert(record)
    return ways
  })
  const ask = { challenge: data.passkeyChallenge, allow: passkeys, userVerification: 'preferred' } as const
  return {
    challengeToken: token,
    expiresAt: record.expiresAt,
    methods,
    passkeyOptions: passkeys.length === 0 ? null : await ceremonies.authenticationOptions(ask),
    attemptsRemaining: mfaChallenge.attempts,
  }
}

/** The session with what was shown besides what it had been shown before. */
async function renew(
  { starter, audit }: AccountParts,
  records: Records,
  { proof, client }: ChallengeAnswer,
  principal: SessionPrincipal,
): Promise<StartedSession> {
  const { sessionId, userId: subjectId } = principal
  const before = (await records.accounts.findSession(sessionId))?.methods ?? []
  const methods = [...new Set([...before, proof.method])]
  // A password is asked for only where there is nothing else to show.
  const assurance = proof.method === 'PASSWORD' ? 1 : 2
  await audit(records, { event: 'STEPPED_UP', by: principal, client, subjectId, methods: [proof.method], assurance })
  return starter.renew(records, { sessionId, methods, assurance })
}

/** What a user can show again: second factors, of which the password is none, or where there is no such factor the password. */
async function waysOf(
  records: Records,
  userId: string,
): Promise<Pick<SecondFactors, 'passkeys'> & { readonly methods: readonly StepUpMethod[] }> {
  const factors = await secondFactorsOf(records, userId)
  if (factors.methods.length > 0) return factors
  const hasPassword = ((await records.accounts.findUser(userId))?.passwordHash ?? null) !== null
  return { methods: hasPassword ? ['PASSWORD'] : [], passkeys: [] }
}

/** A challenge is for the session that it was opened in. */
function isOf({ userId, sessionId }: SessionPrincipal, token: OneTimeTokenRecord): boolean {
  const data = JSON.parse(token.data) as StepUpData // `startStepUp` entered it
  return token.userId === userId && data.sessionId === sessionId
}

function nothingToShow(): Refusal {
  const message = 'The account has neither a password nor a second factor: sign in again with its provider instead.'
  return new Refusal('NOT_ENROLLED', message)
}
