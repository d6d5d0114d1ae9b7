import type { AuthMethod } from '../../../core/auth-method.ts'
import type { Clock } from '../../../core/clock.ts'
import { Refusal } from '../../../core/errors.ts'
import { newSecret, sha256 } from '../../../core/secrets.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Delivery, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { Records } from '../../../ports/store.ts'
import type { PasskeyCeremonies } from '../../../ports/passkey-ceremonies.ts'
import type { ClientInfo } from '../client-info.ts'
import type { Entered, MfaRequired } from '../entered.ts'
import type { Audit } from '../audit/audit.ts'
import { type SecondFactors, secondFactorsOf } from '../factors/second-factors.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { QueueMail } from '../mail/queue-mail.ts'
import { newOneTimeToken } from '../one-time-token.ts'
import type { AccountPolicy } from '../account-policy.ts'
import type { SessionStarter, StartedSession } from '../sessions/start-session.ts'
import { userAgentClass } from '../sessions/user-agent-class.ts'

/** Somebody who has shown a first factor, or two at once (a passkey with user verification: `assurance` 2). */
export interface Arrival {
  readonly user: UserRecord
  readonly methods: readonly AuthMethod[]
  readonly assurance: 1 | 2
  readonly delivery: Delivery
  readonly client: ClientInfo
  /** Who asked: their session ends when the new one starts. */
  readonly present: Principal
}

/** What the transaction has decided; `handOver` makes of it what the caller gets. */
export type Admission =
  | { readonly kind: 'SIGNED_IN'; readonly started: StartedSession }
  | {
      readonly kind: 'MFA_REQUIRED'
      readonly challenge: Omit<MfaRequired, 'passkeyOptions'>
      readonly passkeys: readonly PasskeyRecord[]
      readonly passkeyChallenge: string
    }

/** The one way in: whatever the first factor was, whoever has a second one is asked for it before anything exists (ASVS 6.3.4). */
export interface Entry {
  /**
   * Decides in the caller's transaction. Throws `INVALID_CREDENTIALS` for a disabled user, and `EMAIL_NOT_VERIFIED` where
   * addresses must be confirmed and the user's is not.
   */
  admit(records: Records, arrival: Arrival): Promise<Admission>
  /** Call it after the commit. */
  handOver(admission: Admission): Promise<Entered>
}

/** The challenge after a first factor: how long it can be answered and how often. */
export const mfaChallenge = { lifetimeMs: 5 * 60 * 1000, attempts: 5 } as const

/** What the token of an MFA challenge remembers of the first step. */
export interface MfaChallengeData {
  readonly delivery: Delivery
  readonly methods: readonly AuthMethod[]
  /** Base64url, for a passkey as the second factor. */
  readonly passkeyChallenge: string
}

interface EntryOptions {
  readonly starter: SessionStarter
  readonly audit: Audit
  readonly mail: QueueMail
  readonly clock: Clock
  readonly ceremonies: PasskeyCeremonies
  readonly policy: Pick<AccountPolicy, 'emailVerification'>
}

export function createEntry(options: EntryOptions): Entry {
  const { starter, audit, ceremonies, policy } = options

  return {
    async admit(records, arrival) {
      const { user, client } = arrival
      if (user.disabledAt !== null) throw invalidCredentials()
      if (mustConfirm(policy, user)) throw emailNotVerified()
      if (arrival.assurance === 1) {
        const factors = await secondFactorsOf(records, user.id)
        if (factors.methods.length > 0) return challenge(options, records, arrival, factors)
      }
      await noteDevice(records, arrival, options)
      const started = await starter.start(records, arrival)
      await audit(records, {
        event: 'SIGNED_IN',
        by: arrival.present,
        client,
        subjectId: user.id,
        sessionId: started.session.id,
        methods: arrival.methods,
        assurance: arrival.assurance,
      })
      return { kind: 'SIGNED_IN', started }
    },

    async handOver(admission) {
      if (admission.kind === 'SIGNED_IN') return starter.handOver(admission.started)
      const { passkeys, passkeyChallenge } = admission
      const ask = { challenge: passkeyChallenge, allow: passkeys, userVerification: 'preferred' } as const
      const passkeyOptions = passkeys.length === 0 ? null : await ceremonies.authenticationOptions(ask)
      return { ...admission.challenge, passkeyOptions }
    },
  }
}

/** Asks for a second factor: what the first step was is kept with the challenge's token. */
async function challenge(
  { audit, clock }: EntryOptions,
  records: Records,
  arrival: Arrival,
  { methods, passkeys }: SecondFactors,
): Promise<Admission> {
  const { user, delivery, client } = arrival
  const data: MfaChallengeData = { delivery, methods: arrival.methods, passkeyChallenge: newSecret(32) }
  const { token, record } = newOneTimeToken({
    purpose: 'MFA',
    userId: user.id,
    boundTo: delivery === 'COOKIE' ? client.device : null,
    data: { ...data },
    now: clock.now(),
    lifetimeMs: mfaChallenge.lifetimeMs,
  })
  await records.oneTimeTokens.insert(record)
  await audit(records, {
    event: 'MFA_CHALLENGED',
    by: arrival.present,
    client,
    subjectId: user.id,
    methods: arrival.methods,
    assurance: 1,
  })
  return {
    kind: 'MFA_REQUIRED',
    challenge: {
      kind: 'MFA_REQUIRED',
      challengeToken: token,
      expiresAt: record.expiresAt,
      methods,
      attemptsRemaining: mfaChallenge.attempts,
    },
    passkeys,
    passkeyChallenge: data.passkeyChallenge,
  }
}

/** A client that has not signed in to the account within so long is a new one. */
export const deviceMemoryMs = 365 * 24 * 60 * 60 * 1000

/** Remembers the client, and tells the owner of one that is new to the account. */
async function noteDevice(records: Records, { user, client }: Arrival, { clock, mail }: EntryOptions): Promise<void> {
  const { ip, userAgent } = client
  const device = client.device ?? placeOf(client)
  const now = clock.now()
  const isKnown = await records.devices.has(user.id, device, now - deviceMemoryMs)
  if (!isKnown && user.createdAt < now - 60_000) await mail(records, user.email, { kind: 'NEW_DEVICE', ip, userAgent })
  await records.devices.note(user.id, device, now)
}

/**
 * What a client without a device cookie is known again by: its network and its kind. No device cookie comes to the same, so
 * that nobody in that network counts as a known browser where failures are counted.
 */
function placeOf({ ip, userAgent }: ClientInfo): string {
  return `network:${sha256(`network ${networkOf(ip)} ${userAgentClass(userAgent)}`)}`
}

/** Whether the user has to confirm their address before they can come in. */
export function mustConfirm(
  { emailVerification }: Pick<AccountPolicy, 'emailVerification'>,
  { emailVerifiedAt }: Pick<UserRecord, 'emailVerifiedAt'>,
): boolean {
  return emailVerification && emailVerifiedAt === null
}

export function emailNotVerified(): Refusal {
  return new Refusal('EMAIL_NOT_VERIFIED', 'Confirm your email address first, by the link in the mail that you got.')
}

/** The one answer for whoever cannot be signed in, whatever the reason (ASVS 6.3.8). */
export function invalidCredentials(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'The email address and the password do not belong together.')
}
