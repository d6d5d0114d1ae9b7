import { RateLimitedError, Refusal } from '../../core/errors.ts'
import type { UserRecord } from '../../ports/account-records.ts'
import type { PasswordHasher } from '../../ports/password-hasher.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import type { Store } from '../../ports/store.ts'
import type { Accounts } from './accounts.ts'
import { readEmailAddress } from './email-address.ts'
import { accountKey, networkOf } from './limiter-keys.ts'
import { maxPasswordUnits } from './password-policy.ts'
import type { SessionStarter } from './start-session.ts'

export interface SignInOptions {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly starter: SessionStarter
  /** One account from one network. */
  readonly byAccount: RateLimiter
  /** All accounts from one network. */
  readonly byNetwork: RateLimiter
}

/** `Accounts.signIn`. Every failure takes the same way: one limiter after the other, one hash, one answer (ASVS 6.3.8). */
export function createSignIn(options: SignInOptions): Accounts['signIn'] {
  const { store, hasher, starter } = options

  return async (input, client, present) => {
    const emailKey = readEmailAddress(input.email)?.key ?? null
    const network = networkOf(client.ip)
    const key = accountKey(network, emailKey)
    await options.byNetwork.consume(network)
    await options.byAccount.consume(key)

    const user = emailKey === null ? null : await store.read(({ accounts }) => accounts.findUserByEmailKey(emailKey))
    const hash = user?.disabledAt === null ? user.passwordHash : null
    const password = input.password.length <= maxPasswordUnits ? input.password : ''
    const isRight = await hasher.verify(password, hash)
    if (user === null || hash === null || !isRight) throw invalidCredentials()

    const newHash = await rehash(password, hash)
    const started = await store.write(async (records) => {
      const now = await records.accounts.findUser(user.id)
      if (!isUnchanged(now, hash)) throw invalidCredentials()
      if (newHash !== null) await records.accounts.setPasswordHash(user.id, newHash)
      return starter.start(records, { user: now, delivery: input.delivery, client, present })
    })
    await options.byAccount.reset(key)
    return starter.handOver(started)
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

function invalidCredentials(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'The email address and the password do not belong together.')
}
