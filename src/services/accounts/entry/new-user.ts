import { Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Role } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountParts } from '../parts.ts'
import type { EmailAddress } from './email-address.ts'
import type { NewAccount } from './new-account.ts'

/** What is known of a new user besides what they told. */
export interface Standing {
  readonly roles: readonly Role[]
  /** Whether the address needs no mail to be confirmed. */
  readonly isVerified: boolean
}

/** The user as they will be entered; makes the hash of the password. */
export async function newUser(
  { hasher, clock }: Pick<AccountParts, 'hasher' | 'clock'>,
  { email, password, displayName }: NewAccount,
  { roles, isVerified }: Standing,
): Promise<UserRecord> {
  const passwordHash = await hasher.hash(password)
  const now = clock.now()
  return {
    id: newId('user'),
    email: email.address,
    displayName,
    roles,
    emailVerifiedAt: isVerified ? now : null,
    passwordHash,
    createdAt: now,
    disabledAt: null,
  }
}

/** Throws `EMAIL_TAKEN` where that can be told before a hash is made. */
export async function assertEmailFree({ accounts }: Records, { key }: EmailAddress): Promise<void> {
  if ((await accounts.findUserByEmailKey(key)) !== null) throw emailTaken()
}

/** Enters the user. Throws `EMAIL_TAKEN`. */
export async function insertUser({ accounts }: Records, user: UserRecord, { key }: EmailAddress): Promise<void> {
  if (!(await accounts.insertUser(user, key))) throw emailTaken()
}

function emailTaken(): Refusal {
  return new Refusal('EMAIL_TAKEN', 'An account with that email address exists.')
}
