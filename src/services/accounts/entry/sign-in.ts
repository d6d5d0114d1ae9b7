import { RateLimitedError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Delivery, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { PasswordHasher } from '../../../ports/password-hasher.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'
import type { Store } from '../../../ports/store.ts'
import type { ClientInfo, Entered } from '../accounts.ts'
import { readEmailAddress } from './email-address.ts'
import type { CredentialFailures } from '../limits/credential-failures.ts'
import { accountKey, networkOf } from '../limits/limiter-keys.ts'
import { maxPasswordUnits } from '../passwords/password-policy.ts'
import { type Entry, invalidCredentials } from './entry.ts'

export interface SignInInput {
  readonly email: string
  readonly password: string
  readonly delivery: Delivery
}

/** Coming in by a password. */
export interface SignInService {
  /** Throws `INVALID_CREDENTIALS` (the same for every reason) and `RateLimitedError`. `present` is who asked: their session ends. */
  signIn(input: SignInInput, client: ClientInfo, present: Principal): Promise<Entered>
}

export interface SignInOptions {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly entry: Entry
  readonly failures: CredentialFailures
  /** All accounts from one network. */
  readonly byNetwork: RateLimiter
}

/** `SignInService.signIn`. Every failure takes the same way: one limiter after the other, one hash, one answer (ASVS 6.3.8). */
export function createSignIn(options: SignInOptions): SignInService['signIn'] {
  const { store, hasher, entry, failures } = options

  return async (input, client, present) => {
    const emailKey = readEmailAddress(input.email)?.key ?? null
    const network = networkOf(client.ip)
    const key = accountKey(network, emailKey)
    await options.byNetwork.consume(network)
    await failures.begin(key)

    const user = emailKey === null ? null : await store.read(({ accounts }) => accounts.findUserByEmailKey(emailKey))
    const hash = user?.disabledAt === null ? user.passwordHash : null
    const password = input.password.length <= maxPasswordUnits ? input.password : ''
    const isRight = await hasher.verify(password, hash)
    if (user === null || hash === null || !isRight) throw invalidCredentials()

    const newHash = await rehash(password, hash)
    const admission = await store.write(async (records) => {
      const now = await records.accounts.findUser(user.id)
      if (!isUnchanged(now, hash)) throw invalidCredentials()
      if (newHash !== null) await records.accounts.setPasswordHash(user.id, newHash)
      await failures.succeed(records, key)
      const { delivery } = input
      return entry.admit(records, { user: now, methods: ['PASSWORD'], assurance: 1, delivery, client, present })
    })
    return entry.handOver(admission)
  }

  /** A hash with today's parameters where the stored one is older. Can wait for the next time when hashing is busy. */
  async function rehash(password: string, hash: string): Promise<string | null> {
    if (!hasher.needsRehash(hash)) return null
    try {
      return await hasher.hash(password)
    } catch (error) {
      if (error instanceof RateLimitedError) return null
      throw error
    }
  }
}

/** Whether nobody disabled the user or changed the password while it was being checked. */
function isUnchanged(user: UserRecord | null, hash: string): user is UserRecord {
  return user?.disabledAt === null && user.passwordHash === hash
}
