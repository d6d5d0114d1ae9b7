import { InvalidInputError, NotFoundError, QuotaExceededError, Refusal } from '../../../core/errors.ts'
import { type Principal, type Scope, scopesOf } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { ApiKeyRecord } from '../../../ports/accounts/api-keys.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { requireFresh } from '../factors/freshness.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { livingSession } from '../sessions/living-session.ts'
import { revoke } from '../sessions/revocations.ts'
import { userIdOf } from '../user-id-of.ts'
import { type ApiKeySettings, type ApiKeyWish, readApiKeySettings } from './api-key-settings.ts'
import { newApiKey } from './api-key-text.ts'
import { isLiving } from './authenticate-api-key.ts'
import { type ApiKey, type IssuedApiKey, issueApiKey, toApiKey } from './issue-api-key.ts'

/** A user's API keys: each may do what it was made for, as long as its owner may, and can never reach an account. */
export interface ApiKeyService {
  /** The principal's keys that can be used, newest first. */
  apiKeys(principal: Principal): Promise<readonly ApiKey[]>
  /**
   * Makes a key with some of the scopes of the principal's user. Throws `InvalidInputError`, `QuotaExceededError`,
   * `STEP_UP_REQUIRED`, `MFA_ENROLMENT_REQUIRED`, `RateLimitedError`.
   */
  createApiKey(wish: ApiKeyWish, client: ClientInfo, principal: Principal): Promise<IssuedApiKey>
  /**
   * Makes a key with the settings of another, which ends after the overlap, 0 to 604,800 seconds; a key that had been made for
   * a time is made for as long again. Of several at once, one does. Throws as `createApiKey` does, and `NOT_FOUND`.
   */
  rotateApiKey(
    rotation: { readonly id: string; readonly overlapSeconds: number },
    client: ClientInfo,
    principal: Principal,
  ): Promise<IssuedApiKey>
  /** Ends a key at once, with everything that it was used to open. Throws `NOT_FOUND`. */
  revokeApiKey(id: string, client: ClientInfo, principal: Principal): Promise<void>
}

/** How many keys a user may have, besides those that are being replaced. */
const maxApiKeys = 50

/** With those: a chain of rotations within one overlap must not be without end. */
const maxLivingApiKeys = 2 * maxApiKeys

const maxOverlapSeconds = 7 * 24 * 60 * 60

export function createApiKeyService(parts: AccountParts): ApiKeyService {
  const { store, clock, policy, limiters } = parts

  return {
    async apiKeys(principal) {
      const userId = userIdOf(principal)
      const own = await store.read(({ apiKeys }) => apiKeys.of(userId, clock.now()))
      return own.map(toApiKey)
    },

    async createApiKey(wish, client, principal) {
      const owner = enrolled(sessionOf(principal))
      const settings = readApiKeySettings(wish, clock.now())
      await limiters.newApiKeyByUser.consume(owner.userId)
      const issued = newApiKey(policy.production)
      return store.write(async (records) => {
        const { user } = await requireFresh(records, owner, clock.now())
        assertOwned(settings.scopes, user)
        await assertRoom(records, user.id, { now: clock.now(), isReplacing: false })
        return issueApiKey(parts, records, { issued, settings, user, owner, client, replaces: null })
      })
    },

    async rotateApiKey({ id, overlapSeconds }, client, principal) {
      const owner = enrolled(sessionOf(principal))
      assertOverlap(overlapSeconds)
      await limiters.newApiKeyByUser.consume(owner.userId)
      const issued = newApiKey(policy.production)
      return store.write(async (records) => {
        const { user } = await requireFresh(records, owner, clock.now())
        const now = clock.now()
        const old = await findOwn(records, user.id, id, now)
        await assertRoom(records, user.id, { now, isReplacing: true })
        if (!(await records.apiKeys.replace(user.id, id, issued.id, now + overlapSeconds * 1000))) throw replaced()
        await revoke(records, { kind: 'apiKey', id, ends: overlapSeconds === 0 }, now)
        const settings = renewedSettings(old, user, now)
        return issueApiKey(parts, records, { issued, settings, user, owner, client, replaces: id })
      })
    },

    async revokeApiKey(id, client, principal) {
      const owner = sessionOf(principal)
      await store.write(async (records) => {
        const now = clock.now()
        await livingSession(records, owner, now)
        if (!(await records.apiKeys.revoke(owner.userId, id, now))) throw new NotFoundError('API key')
        await revoke(records, { kind: 'apiKey', id, ends: true }, now)
        const event = { event: 'API_KEY_REVOKED', by: owner, client, subjectId: owner.userId } as const
        await parts.audit(records, { ...event, details: { apiKeyId: id } })
      })
    },
  }
}

/** Who must set up a second factor first would get around that with a key. Throws `MFA_ENROLMENT_REQUIRED`. */
function enrolled(principal: SessionPrincipal): SessionPrincipal {
  if (!principal.mustEnrol) return principal
  throw new Refusal('MFA_ENROLMENT_REQUIRED', 'Set up a second factor first.')
}

function assertOwned(scopes: readonly Scope[], { roles }: UserRecord): void {
  const owned = scopesOf(roles)
  const foreign = scopes.filter((scope) => !owned.includes(scope))
  if (foreign.length === 0) return
  const message = `You have no scope ${foreign.join(', ')} yourself, so a key of yours cannot have it.`
  throw new InvalidInputError([{ path: ['scopes'], message }])
}

async function assertRoom(
  { apiKeys }: Records,
  userId: string,
  { now, isReplacing }: { readonly now: number; readonly isReplacing: boolean },
): Promise<void> {
  const living = await apiKeys.of(userId, now)
  const lasting = living.filter(({ successorId }) => successorId === null)
  if (living.length < maxLivingApiKeys && (isReplacing || lasting.length < maxApiKeys)) return
  const limit = isReplacing ? maxLivingApiKeys : maxApiKeys
  throw new QuotaExceededError(
    'apiKeys',
    limit,
    `You have ${limit} API keys, which is as many as you may: revoke one first.`,
  )
}

function assertOverlap(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= maxOverlapSeconds) return
  const message = `Must be a whole number from 0 to ${maxOverlapSeconds}.`
  throw new InvalidInputError([{ path: ['overlapSeconds'], message }])
}

async function findOwn({ apiKeys }: Records, userId: string, id: string, now: number): Promise<ApiKeyRecord> {
  const key = await apiKeys.find(id)
  if (key === null || key.userId !== userId || !isLiving(key, now)) throw new NotFoundError('API key')
  if (key.successorId !== null) throw replaced()
  return key
}

function replaced(): InvalidInputError {
  return new InvalidInputError([{ path: ['id'], message: 'The key has been replaced already.' }])
}

/** The settings of a key's successor; scopes that its owner has lost since are left out. */
function renewedSettings(old: ApiKeyRecord, { roles }: UserRecord, now: number): ApiKeySettings {
  const { name, allowedIps, requestsPerMinute, createdAt, expiresAt } = old
  const scopes = old.scopes.filter((scope) => scopesOf(roles).includes(scope))
  if (scopes.length === 0) {
    throw new InvalidInputError([{ path: ['id'], message: 'You have lost every scope of the key: make another one.' }])
  }
  return {
    name,
    scopes,
    allowedIps,
    requestsPerMinute,
    expiresAt: expiresAt === null ? null : now + (expiresAt - createdAt),
  }
}
