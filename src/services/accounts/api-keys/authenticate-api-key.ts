import { Refusal } from '../../../core/errors.ts'
import { scopesOf } from '../../../core/principal.ts'
import { secretsEqual, sha256 } from '../../../core/secrets.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { ApiKeyRecord } from '../../../ports/accounts/api-keys.ts'
import type { Store } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { ProvenCredential } from '../authentication/proven-credential.ts'
import { apiKeyBudget } from '../limits/attempt-limits.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { createAddressCheck } from './allowed-ips.ts'
import { parseApiKey } from './api-key-text.ts'

/**
 * Looks an API key up by its text. Throws `UNAUTHENTICATED`, in one sentence whatever the reason, and a `RateLimitedError`
 * to a network that sends many keys that do not exist; a key that is good is not held up by those.
 *
 * `admit` of the answer is what every request must pass: it throws `FORBIDDEN` for an address that the key is not for, and a
 * `RateLimitedError` when the key has had its requests of the minute; it notes the use.
 */
export type AuthenticateApiKey = (text: string, client: ClientInfo) => Promise<ProvenCredential>

type Parts = Pick<AccountParts, 'store' | 'clock' | 'policy' | 'limiters' | 'keyUses'>

/** For so long a key is remembered at most: everything that changes it is told at once besides. */
const memoryMs = 60 * 1000

export function createApiKeyAuthentication(parts: Parts): AuthenticateApiKey {
  const { store, clock, policy, limiters } = parts

  return async (text, client) => {
    // A text whose checksum is wrong costs no look-up, and is no guess.
    const given = parseApiKey(text, policy.production)
    if (given === null) throw invalidApiKey()
    const found = await find(store, given.id)
    const isRight = secretsEqual(sha256(given.secret), found?.key.secretHash ?? '')
    if (found === null || !isRight) {
      await limiters.apiKeyMissByNetwork.consume(networkOf(client.ip))
      throw invalidApiKey()
    }
    const now = clock.now()
    if (!isLiving(found.key, now) || found.user.disabledAt !== null) throw invalidApiKey()
    return proven(parts, found, now)
  }
}

interface Found {
  readonly key: ApiKeyRecord
  readonly user: UserRecord
}

function find(store: Store, id: string): Promise<Found | null> {
  return store.read(async ({ apiKeys, accounts }) => {
    const key = await apiKeys.find(id)
    const user = key === null ? null : await accounts.findUser(key.userId)
    return key === null || user === null ? null : { key, user }
  })
}

/** Whether the key can still be used: neither revoked nor expired. */
export function isLiving({ revokedAt, expiresAt }: ApiKeyRecord, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt)
}

/** What the key may do is what its owner may do now as well: a scope that they lost, the key has lost. */
function proven({ limiters, keyUses }: Parts, { key, user }: Found, now: number): ProvenCredential {
  const owned = scopesOf(user.roles)
  const allows = createAddressCheck(key.allowedIps)
  const cost = costOfUse(key.requestsPerMinute)
  return {
    principal: {
      kind: 'apiKey',
      userId: user.id,
      scopes: key.scopes.filter((scope) => owned.includes(scope)),
      roles: user.roles,
      assurance: 1,
      // Nobody has shown a factor: a key is never fresh.
      authenticatedAt: 0,
      sessionId: null,
      generation: null,
      keyId: key.id,
      expiresAt: key.expiresAt,
      mustEnrol: false,
    },
    goodUntil: Math.min(key.expiresAt ?? Infinity, now + memoryMs),
    async admit({ ip }) {
      if (!allows(ip)) throw new Refusal('FORBIDDEN', 'The API key may not be used from this address.')
      await limiters.apiKeyUse.consume(key.id, cost)
      keyUses.note(key.id)
    },
  }
}

/** What one request costs of the minute's budget, so that as many as are allowed use it up. */
function costOfUse(requestsPerMinute: number): number {
  return Math.floor(apiKeyBudget / requestsPerMinute)
}

function invalidApiKey(): Refusal {
  return new Refusal('UNAUTHENTICATED', 'The API key is not valid.')
}
