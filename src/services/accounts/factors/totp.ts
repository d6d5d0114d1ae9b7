import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { TotpRecord } from '../../../ports/accounts/factors.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { livingSession } from '../sessions/living-session.ts'
import { beginFactorAttempt } from './factor-attempts.ts'
import { factorRemoved } from './factor-removed.ts'
import { type Enrolled, firstFactorEnrolled } from './first-factor-enrolled.ts'
import { requireFresh } from './freshness.ts'
import { type MfaStatus, mfaStatusOf } from './own-factors.ts'
import { readTotpCode } from './totp-code.ts'
import { pendingTotp, pendingTotpSecret, totpContext } from './totp-secret.ts'

/** A secret to be put into an authenticator app. It is shown this once. */
export interface TotpEnrolment {
  /** Base 32. */
  readonly secret: string
  readonly otpauthUri: string
  /** The same as a picture. */
  readonly qrSvg: string
  /** Until when it can be confirmed. */
  readonly expiresAt: number
}

/** A factor that works from now on. */
export interface TotpConfirmed {
  /** To be shown once; `null`: the user has codes already. */
  readonly recoveryCodes: readonly string[] | null
  /** The present session with its new credentials. */
  readonly signedIn: SignedIn
}

/** Authenticator apps as second factors. All of it throws `FORBIDDEN` for an API key. */
export interface TotpService {
  /** Begins: makes a secret that is no factor yet. Throws `STEP_UP_REQUIRED` and `ALREADY_ENROLLED`. */
  enrollTotp(principal: Principal): Promise<TotpEnrolment>
  /**
   * Confirms it, in the session that began, by a first code, which counts as used; the session is renewed with two factors shown, and all others that
   * never passed a second one end. Throws `INVALID_CODE`, `NOT_ENROLLED` where nothing was begun there or too long ago,
   * `ALREADY_ENROLLED` and `RateLimitedError`.
   */
  confirmTotp(code: string, principal: Principal, client: ClientInfo): Promise<TotpConfirmed>
  /**
   * Removes it, and with the last factor the recovery codes. Also where a second factor is required: the session can then do
   * nothing but set up another one. Throws `STEP_UP_REQUIRED` and `NOT_ENROLLED`.
   */
  removeTotp(principal: Principal, client: ClientInfo): Promise<MfaStatus>
}

/** How long a secret waits to be confirmed. */
const pendingMs = 10 * 60 * 1000

/** What the owner's mails call it. */
const name = 'authenticator app'

export function createTotp(parts: AccountParts): TotpService {
  return {
    enrollTotp: async (principal) => enroll(parts, sessionOf(principal)),
    confirmTotp: async (code, principal, client) => confirm(parts, code, { principal: sessionOf(principal), client }),
    removeTotp: async (principal, client) => {
      const own = sessionOf(principal)
      return parts.store.write((records) => remove(parts, records, { principal: own, client }))
    },
  }
}

interface Asker {
  readonly principal: SessionPrincipal
  readonly client: ClientInfo
}

async function enroll(
  { store, clock, sealer, totp }: AccountParts,
  principal: SessionPrincipal,
): Promise<TotpEnrolment> {
  const { userId, sessionId } = principal
  const secret = totp.newSecret()
  const createdAt = clock.now()
  const secretSealed = sealer.seal(pendingTotp(sessionId, secret), totpContext(userId))
  const account = await store.write(async (records) => {
    await requireFresh(records, principal, createdAt)
    if (!(await records.factors.beginTotp({ userId, secretSealed, createdAt }))) throw alreadyEnrolled()
    return (await records.accounts.findUser(userId))?.email ?? userId
  })
  const { uri, qrSvg } = totp.enrolment(secret, account)
  return { secret, otpauthUri: uri, qrSvg, expiresAt: createdAt + pendingMs }
}

async function confirm(parts: AccountParts, code: string, asker: Asker): Promise<TotpConfirmed> {
  const { store, clock, limiters, sealer, totp, starter } = parts
  const { userId, sessionId } = asker.principal
  await limiters.challengeByNetwork.consume(networkOf(asker.client.ip))
  const pending = await store.read(async (records) => {
    await livingSession(records, asker.principal, clock.now())
    return findPending(records, userId, clock.now())
  })
  const secret = pendingTotpSecret(sealer.open(pending.secretSealed, totpContext(userId)), sessionId)
  if (secret === null) throw nothingPending()
  const digits = readTotpCode(code)
  // What is no code is no guess.
  if (digits === null) throw wrongCode()
  const attempt = await beginFactorAttempt(parts, userId, asker.client)
  const step = totp.stepOf(digits, secret, { now: clock.now(), afterStep: null })
  if (step === null) throw wrongCode()
  const confirmedSealed = sealer.seal(secret, totpContext(userId))
  const { recoveryCodes, renewed } = await store.write(async (records) => {
    // Somebody may have begun anew while the code was being checked.
    const { secretSealed, createdAt } = await findPending(records, userId, clock.now())
    const isSame = secretSealed === pending.secretSealed
    if (!isSame || !(await records.factors.confirmTotp(userId, createdAt, clock.now(), step))) throw wrongCode()
    await records.factors.setTotpSecret(userId, confirmedSealed)
    await parts.failures.succeed(records, attempt)
    return confirmed(parts, records, asker)
  })
  return { recoveryCodes, signedIn: await starter.handOver(renewed) }
}

/** The secret that waits to be confirmed. Throws `NOT_ENROLLED` and `ALREADY_ENROLLED`. */
async function findPending({ factors }: Records, userId: string, now: number): Promise<TotpRecord> {
  const pending = await factors.findTotp(userId)
  if (pending !== null && pending.confirmedAt !== null) throw alreadyEnrolled()
  if (pending === null || now >= pending.createdAt + pendingMs) {
    throw nothingPending()
  }
  return pending
}

function nothingPending(): Refusal {
  return new Refusal('NOT_ENROLLED', 'Nothing waits to be confirmed: begin with enrollTotp.')
}

async function confirmed(parts: AccountParts, records: Records, { principal, client }: Asker): Promise<Enrolled> {
  const { userId: subjectId } = principal
  await livingSession(records, principal, parts.clock.now())
  await parts.audit(records, { event: 'TOTP_ENROLLED', by: principal, client, subjectId, methods: ['TOTP'] })
  const user = await records.accounts.findUser(subjectId)
  if (user !== null) await parts.mail(records, user.email, { kind: 'FACTOR_ADDED', factor: 'TOTP', name })
  return firstFactorEnrolled(parts, records, { factor: 'TOTP', principal, client })
}

async function remove(parts: AccountParts, records: Records, { principal, client }: Asker): Promise<MfaStatus> {
  const { clock, policy, audit, mail } = parts
  const { userId } = principal
  const now = clock.now()
  await requireFresh(records, principal, now)
  const enrolled = await records.factors.findTotp(userId)
  if (typeof enrolled?.confirmedAt !== 'number' || !(await records.factors.removeTotp(userId))) {
    throw new Refusal('NOT_ENROLLED', 'There is no authenticator app to remove.')
  }
  await factorRemoved(records, userId, now)
  await audit(records, { event: 'TOTP_REMOVED', by: principal, client, subjectId: userId })
  const user = await records.accounts.findUser(userId)
  if (user !== null) await mail(records, user.email, { kind: 'FACTOR_REMOVED', factor: 'TOTP', name })
  return mfaStatusOf(records, principal, policy)
}

function alreadyEnrolled(): Refusal {
  return new Refusal('ALREADY_ENROLLED', 'The account has an authenticator app already: remove it first.')
}

function wrongCode(): Refusal {
  return new Refusal('INVALID_CODE', 'The code is not right: is the clock of the device right?')
}
