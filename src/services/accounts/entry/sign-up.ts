import type { Clock } from '../../../core/clock.ts'
import { Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Role } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { PasswordHasher } from '../../../ports/password-hasher.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'
import type { Records, Store } from '../../../ports/store.ts'
import type { ClientInfo, SignedIn, User } from '../accounts.ts'
import type { SignInInput } from './sign-in.ts'
import type { Entry } from './entry.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { CheckNewAccount, NewAccount } from './new-account.ts'
import { toUser } from '../outward.ts'
import { assertSetupToken, endSetupToken, takeSetupToken } from './setup-token.ts'
import type { Principal } from '../../../core/principal.ts'

export interface SignUpOptions {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly entry: Entry
  readonly clock: Clock
  readonly check: CheckNewAccount
  readonly byNetwork: RateLimiter
  readonly signUp: 'open' | 'invite' | 'closed'
}

export interface SignUpInput extends SignInInput {
  readonly displayName: string
  readonly setupToken?: string | null | undefined
}

/** How accounts are made. */
export interface SignUpService {
  /**
   * Throws `InvalidInputError`, `SIGN_UP_CLOSED`, `INVALID_SETUP_TOKEN`, `EMAIL_TAKEN`, `RateLimitedError`.
   * `present` is who asked: their session ends in the transaction that starts the new one (ASVS 7.2.4).
   */
  signUp(input: SignUpInput, client: ClientInfo, present: Principal): Promise<SignedIn>
  /** The token with which the first administrator signs up; made anew at each start while there is none. `null` afterwards. */
  setupToken(): Promise<string | null>
  /** Makes a user without a session, for the command line. Throws as `signUp` does. */
  createUser(input: {
    readonly email: string
    readonly password: string
    readonly displayName: string
    readonly admin: boolean
  }): Promise<User>
}

/** `SignUpService.signUp`. What would refuse the request is asked before the costly hash, and again in the transaction. */
export function createSignUp(options: SignUpOptions): SignUpService['signUp'] {
  const { store, entry } = options

  return async ({ setupToken = null, ...input }, client, present) => {
    await options.byNetwork.consume(networkOf(client.ip))
    if (setupToken === null && options.signUp === 'closed') {
      throw new Refusal('SIGN_UP_CLOSED', 'Accounts cannot be made here without a set-up token.')
    }
    if (setupToken !== null) await store.read((records) => assertSetupToken(records, setupToken))

    const account = await options.check(input)
    const user = await prepareUser(options, account, setupToken === null ? ['user'] : ['user', 'admin'])
    const admission = await store.write(async (records) => {
      if (setupToken !== null) await takeSetupToken(records, setupToken)
      await insertUser(records, user, account)
      const { delivery } = input
      return entry.admit(records, { user, methods: ['PASSWORD'], assurance: 1, delivery, client, present })
    })
    const entered = await entry.handOver(admission)
    if (entered.kind === 'MFA_REQUIRED') throw new TypeError('A new user has no second factor.')
    return entered
  }
}

/** `SignUpService.createUser`: whoever can run the command line needs no set-up token, and is not counted. */
export function createUserCreation(
  options: Pick<SignUpOptions, 'store' | 'hasher' | 'clock' | 'check'>,
): SignUpService['createUser'] {
  return async ({ admin, ...input }) => {
    const account = await options.check(input)
    const user = await prepareUser(options, account, admin ? ['user', 'admin'] : ['user'])
    await options.store.write(async (records) => {
      if (admin) await endSetupToken(records)
      await insertUser(records, user, account)
    })
    return toUser(user)
  }
}

/** The user as it will be entered. Throws `EMAIL_TAKEN` before hashing, where that is known already. */
async function prepareUser(
  { store, hasher, clock }: Pick<SignUpOptions, 'store' | 'hasher' | 'clock'>,
  { email, password, displayName }: NewAccount,
  roles: readonly Role[],
): Promise<UserRecord> {
  const namesake = await store.read(({ accounts }) => accounts.findUserByEmailKey(email.key))
  if (namesake !== null) throw emailTaken()
  return {
    id: newId('user'),
    email: email.address,
    displayName,
    roles,
    emailVerifiedAt: null,
    passwordHash: await hasher.hash(password),
    createdAt: clock.now(),
    disabledAt: null,
  }
}

async function insertUser({ accounts }: Records, user: UserRecord, { email }: NewAccount): Promise<void> {
  if (!(await accounts.insertUser(user, email.key))) throw emailTaken()
}

function emailTaken(): Refusal {
  return new Refusal('EMAIL_TAKEN', 'An account with that email address exists.')
}
