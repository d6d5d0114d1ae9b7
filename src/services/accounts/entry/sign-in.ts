import { RateLimitedError, type Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { Delivery, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { Entered } from '../entered.ts'
import { createEntrance } from '../limits/entrance.ts'
import type { FailureKey } from '../limits/credential-failures.ts'
import { networkOf, signInKeys, wideNetworkOf } from '../limits/limiter-keys.ts'
import type { AccountPolicy } from '../account-policy.ts'
import type { AccountParts } from '../parts.ts'
import { checkPassword } from '../passwords/check-password.ts'
import { attemptedPassword } from '../passwords/password-policy.ts'
import { readEmailAddress } from './email-address.ts'
import { type Admission, deviceMemoryMs, emailNotVerified, invalidCredentials, mustConfirm } from './entry.ts'

export interface SignInInput {
  readonly email: string
  readonly password: string
  readonly delivery: Delivery
}

/** Coming in by a password. */
export interface SignInService {
  /**
   * Throws `INVALID_CREDENTIALS` (the same for every reason), `RateLimitedError`, and `EMAIL_NOT_VERIFIED` to who knows the
   * password of an account that waits to be confirmed. `present` is who asked: their session ends.
   */
  signIn(input: SignInInput, client: ClientInfo, present: Principal): Promise<Entered>
}

/** Why somebody was not let in: for the audit log alone, but for the last. */
type Reason = 'UNKNOWN_USER' | 'DISABLED' | 'NO_PASSWORD' | 'WRONG_PASSWORD' | 'EMAIL_NOT_VERIFIED'

/** An attempt whose password has been checked. */
interface Checked {
  readonly user: UserRecord | null
  /** The stored hash that was checked against; `null` where there is none that could let anybody in. */
  readonly hash: string | null
  readonly isRight: boolean
  /** The same password hashed as is done today, where the stored hash is older. */
  readonly newHash: string | null
  readonly keys: readonly FailureKey[]
}

/** Every failure takes the same way: the same limits, one hash, one line in the audit log, one answer (ASVS 6.3.8). */
export function createSignIn(parts: AccountParts): SignInService {
  const enter = createEntrance({ perTurn: 4, maxWaiting: 1000 })

  async function signIn(input: SignInInput, client: ClientInfo, present: Principal): Promise<Entered> {
    const checked = await check(parts, input, client)
    const admission = await parts.store.write((records) =>
      admit(parts, records, checked, { client, present, delivery: input.delivery }),
    )
    if (typeof admission === 'string') throw refusalFor(admission)
    return parts.entry.handOver(admission)
  }

  return { signIn: (input, client, present) => enter(() => signIn(input, client, present)) }
}

async function check(parts: AccountParts, input: SignInInput, client: ClientInfo): Promise<Checked> {
  const emailKey = readEmailAddress(input.email)?.key ?? null
  const { user, knownDevice } = await parts.store.read((records) => find(parts, records, emailKey, client))
  const network = networkOf(client.ip)
  // What is no address is counted as an account that is not there would be.
  const keys = signInKeys({ account: emailKey ?? sha256(input.email), network, knownDevice })
  if (knownDevice === null) await limitStranger(parts, client)
  else await parts.limiters.signInByKnownDevice.consume(user?.id ?? '')
  const password = attemptedPassword(input.password)
  const hash = user?.disabledAt === null ? user.passwordHash : null
  const isRight = await checkPassword(parts, { password, hash, keys, known: knownDevice !== null })
  return { user, hash, isRight, keys, newHash: isRight && hash !== null ? await rehash(parts, password, hash) : null }
}

/** The narrow network first: one that is over its limit uses up nothing of the wide one. */
async function limitStranger({ limiters }: AccountParts, { ip }: ClientInfo): Promise<void> {
  await limiters.signInByNetwork.consume(networkOf(ip))
  const wide = wideNetworkOf(ip)
  if (wide !== null) await limiters.passwordByWideNetwork.consume(wide)
}

async function find({ clock }: AccountParts, records: Records, emailKey: string | null, { device }: ClientInfo) {
  const user = emailKey === null ? null : await records.accounts.findUserByEmailKey(emailKey)
  // Asked in any case: an account that is there takes no longer.
  const isKnown = await records.devices.has(user?.id ?? '', device ?? '', clock.now() - deviceMemoryMs)
  return { user, knownDevice: isKnown ? device : null }
}

/** A hash with today's parameters where the stored one is older. Can wait for the next time when hashing is busy. */
async function rehash({ hasher }: AccountParts, password: string, hash: string): Promise<string | null> {
  if (!hasher.needsRehash(hash)) return null
  try {
    return await hasher.hash(password)
  } catch (error) {
    if (error instanceof RateLimitedError) return null
    throw error
  }
}

/** Lets in who has shown the right password, in one transaction; the reason why not where they have not. */
async function admit(
  { entry, failures, policy, audit }: AccountParts,
  records: Records,
  checked: Checked,
  from: { readonly client: ClientInfo; readonly present: Principal; readonly delivery: Delivery },
): Promise<Admission | Reason> {
  const found = checked.user === null ? null : await records.accounts.findUser(checked.user.id)
  const user = judge(found, checked, policy)
  if (typeof user !== 'string' || user === 'EMAIL_NOT_VERIFIED') await failures.succeed(records, ...checked.keys)
  if (typeof user === 'string') {
    await audit(records, {
      event: 'SIGN_IN_FAILED',
      outcome: 'FAILURE',
      by: from.present,
      client: from.client,
      subjectId: found?.id ?? null,
      methods: ['PASSWORD'],
      details: { reason: user },
    })
    return user
  }
  if (checked.newHash !== null) await records.accounts.setPasswordHash(user.id, checked.newHash)
  return entry.admit(records, { user, methods: ['PASSWORD'], assurance: 1, ...from })
}

/** The user as they are now, or the reason against them: somebody may have disabled them or changed the password meanwhile. */
function judge(user: UserRecord | null, { hash, isRight }: Checked, policy: AccountPolicy): UserRecord | Reason {
  if (user === null) return 'UNKNOWN_USER'
  if (user.disabledAt !== null) return 'DISABLED'
  if (user.passwordHash === null) return 'NO_PASSWORD'
  if (!isRight || user.passwordHash !== hash) return 'WRONG_PASSWORD'
  return mustConfirm(policy, user) ? 'EMAIL_NOT_VERIFIED' : user
}

function refusalFor(reason: Reason): Refusal {
  return reason === 'EMAIL_NOT_VERIFIED' ? emailNotVerified() : invalidCredentials()
}
