import { InvalidInputError, QuotaExceededError, Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Principal } from '../../../core/principal.ts'
import { newSecret } from '../../../core/secrets.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { RegisteredPasskey } from '../../../ports/passkey-ceremonies.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import { readDisplayName } from '../entry/display-name.ts'
import { type Enrolled, firstFactorEnrolled } from '../factors/first-factor-enrolled.ts'
import { requireFresh } from '../factors/freshness.ts'
import { livingSession } from '../sessions/living-session.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { type Passkey, toPasskey } from './outward-passkey.ts'
import { enterChallenge, type PasskeyChallenge, takeChallenge } from './passkey-challenge.ts'
import { passkeyName } from './passkey-name.ts'
import type { PasskeyAnswer } from './passkey-sign-in.ts'

/** How many one user may have. */
export const maxPasskeys = 20

export interface NewPasskeyInput extends PasskeyAnswer {
  /** 1 to 100 characters; `null`: what can be told of where it is kept. */
  readonly name: string | null
}

export interface PasskeyAdded {
  readonly passkey: Passkey
  /** Shown this once; `null` where there are some already. */
  readonly recoveryCodes: readonly string[] | null
  /** The present session with its new credentials: the old ones are dead. */
  readonly renewed: SignedIn
}

/** Setting up a passkey. */
export interface PasskeyRegistration {
  /** Throws `STEP_UP_REQUIRED`, `QuotaExceededError`, `RateLimitedError`. */
  startPasskeyRegistration(client: ClientInfo, principal: Principal): Promise<PasskeyChallenge>
  /**
   * In the session that began it, which is renewed with two factors. Other sessions that were shown one factor only end.
   * Throws `InvalidInputError`, `INVALID_CHALLENGE`, `INVALID_CODE` (whatever is wrong with the response),
   * `ALREADY_ENROLLED`, `QuotaExceededError`, `RateLimitedError`.
   */
  finishPasskeyRegistration(input: NewPasskeyInput, client: ClientInfo, principal: Principal): Promise<PasskeyAdded>
}

export function createPasskeyRegistration(parts: AccountParts): PasskeyRegistration {
  const { store, clock, ceremonies, limiters, starter } = parts

  return {
    async startPasskeyRegistration(client, principal) {
      const session = sessionOf(principal)
      await limiters.challengeByNetwork.consume(networkOf(client.ip))
      const { user, exclude, userHandle, challenge, ...begun } = await store.write((records) =>
        begin(records, session, clock.now()),
      )
      const { email: userName, displayName } = user
      const ask = { challenge, userHandle, userName, displayName, exclude }
      return { ...begun, options: await ceremonies.registrationOptions(ask) }
    },

    async finishPasskeyRegistration({ challengeToken, response, name }, client, principal) {
      const session = sessionOf(principal)
      const ownName = name === null ? null : readPasskeyName(name)
      await limiters.challengeByNetwork.consume(networkOf(client.ip))
      const expected = { purpose: 'PASSKEY_REGISTRATION', device: client.device, now: clock.now() } as const
      const taken = await takeChallenge(store, challengeToken, expected)
      if (taken?.userId !== session.userId || taken.sessionId !== session.sessionId) {
        throw new Refusal('INVALID_CHALLENGE', 'The challenge is used up, over or of another session: start again.')
      }
      const registered = await ceremonies.verifyRegistration(response, taken.challenge)
      if (registered === null) throw new Refusal('INVALID_CODE', 'What the passkey answered is not right: start again.')
      const passkey = newPasskey(registered, {
        userId: session.userId,
        name: ownName ?? passkeyName(registered.aaguid, client.userAgent),
        createdAt: clock.now(),
      })
      const { recoveryCodes, renewed } = await store.write((records) =>
        add(parts, records, passkey, { client, session }),
      )
      return { passkey: toPasskey(passkey), recoveryCodes, renewed: await starter.handOver(renewed) }
    },
  }
}

async function begin(records: Records, session: SessionPrincipal, now: number) {
  const { user } = await requireFresh(records, session, now)
  const { userId, sessionId } = session
  const exclude = await records.passkeys.of(userId)
  assertRoom(exclude.length)
  const userHandle = await records.accounts.ensureUserHandle(userId, newSecret(32))
  const challenge = await enterChallenge(records, { purpose: 'PASSKEY_REGISTRATION', userId, sessionId }, now)
  return { ...challenge, user, exclude, userHandle }
}

async function add(
  parts: AccountParts,
  records: Records,
  passkey: PasskeyRecord,
  { client, session }: { readonly client: ClientInfo; readonly session: SessionPrincipal },
): Promise<Enrolled> {
  const { userId, id, name } = passkey
  const { user } = await livingSession(records, session, parts.clock.now())
  assertRoom((await records.passkeys.of(userId)).length)
  if (!(await records.passkeys.insert(passkey))) {
    throw new Refusal('ALREADY_ENROLLED', 'That passkey is registered already.')
  }
  const facts = { by: session, client, subjectId: userId, methods: ['PASSKEY'], details: { passkeyId: id } } as const
  await parts.audit(records, { event: 'PASSKEY_ADDED', ...facts })
  await parts.mail(records, user.email, { kind: 'FACTOR_ADDED', factor: 'PASSKEY', name })
  return firstFactorEnrolled(parts, records, { factor: 'PASSKEY', principal: session, client })
}

/** The name as it is kept. Throws an `InvalidInputError`. */
export function readPasskeyName(text: string): string {
  const name = readDisplayName(text)
  if (name !== null) return name
  const message = 'The name needs 1 to 100 characters, none of them control characters.'
  throw new InvalidInputError([{ path: ['name'], message }])
}

function newPasskey(
  registered: RegisteredPasskey,
  facts: Pick<PasskeyRecord, 'userId' | 'name' | 'createdAt'>,
): PasskeyRecord {
  return { ...registered, ...facts, id: newId('passkey'), lastUsedAt: null, flaggedAt: null }
}

function assertRoom(count: number): void {
  if (count < maxPasskeys) return
  throw new QuotaExceededError('passkeys', maxPasskeys, `You have ${maxPasskeys} passkeys: remove one first.`)
}
