import { Refusal } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import type { Delivery, UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { Entered } from '../entered.ts'
import { issueEmailVerification } from '../emails/issue-email-verification.ts'
import { readDisplayName } from '../entry/display-name.ts'
import { type EmailAddress, readEmailAddress } from '../entry/email-address.ts'
import { emailNotVerified, invalidCredentials, mustConfirm } from '../entry/entry.ts'
import { takeOver } from '../entry/take-over.ts'
import type { AccountParts } from '../parts.ts'
import { type Asker, attachIdentity } from './attach-identity.ts'
import type { ProvenIdentity } from './hand-off.ts'

/** A proven identity whose owner wants to come in. */
export interface IdentityArrival extends ProvenIdentity, Asker {
  readonly delivery: Delivery
}

/**
 * Signs in whoever a provider has confirmed. The account is the one that the identity is linked to; otherwise it is found by
 * its address, but only where the provider is trusted to have checked that; otherwise a new one is made where that is allowed.
 * Throws `INVALID_CREDENTIALS`, `EMAIL_NOT_VERIFIED`, `LINK_REQUIRED`, `SIGN_UP_CLOSED`, `PROVIDER_FAILED`, `IDENTITY_TAKEN`.
 */
export async function enterByIdentity(parts: AccountParts, arrival: IdentityArrival): Promise<Entered> {
  const { store, entry, policy } = parts
  const { delivery, client, present } = arrival
  const admission = await store.write(async (records) => {
    const user = await findOrMakeUser(parts, records, arrival)
    // A new account stays, so this is no reason to throw before the commit.
    if (mustConfirm(policy, user)) return null
    return entry.admit(records, { user, methods: ['OAUTH'], assurance: 1, delivery, client, present })
  })
  if (admission !== null) return entry.handOver(admission)
  throw emailNotVerified()
}

async function findOrMakeUser(parts: AccountParts, records: Records, arrival: IdentityArrival): Promise<UserRecord> {
  const { provider, identity } = arrival
  const known = await records.identities.find(provider, identity.subject)
  if (known !== null) {
    await records.identities.touch(known.id, parts.clock.now())
    const user = await records.accounts.findUser(known.userId)
    if (user === null) throw new TypeError(`The identity ${known.id} has no user.`)
    return user
  }
  const email = readEmailAddress(identity.email ?? '')
  if (email === null) {
    throw new Refusal('PROVIDER_FAILED', 'The provider told no email address of yours, which an account needs.')
  }
  const namesake = await records.accounts.findUserByEmailKey(email.key)
  return namesake === null ? signUp(parts, records, arrival, email) : join(parts, records, arrival, namesake)
}

/** Whether whoever has the identity is known to own its address. */
function ownsAddress({ providers }: AccountParts, { provider, identity }: ProvenIdentity): boolean {
  const isTrusted = providers.list.some(({ name, trustedEmail }) => name === provider && trustedEmail)
  return isTrusted && identity.emailVerified
}

async function signUp(
  parts: AccountParts,
  records: Records,
  arrival: IdentityArrival,
  email: EmailAddress,
): Promise<UserRecord> {
  if (parts.policy.signUp !== 'open') throw new Refusal('SIGN_UP_CLOSED', 'Accounts cannot be made here by a provider.')
  const { provider, identity, client, present } = arrival
  const now = parts.clock.now()
  const [localPart = ''] = email.address.split('@')
  const user: UserRecord = {
    id: newId('user'),
    email: email.address,
    displayName: readDisplayName(identity.displayName ?? '') ?? readDisplayName(localPart) ?? 'User',
    roles: ['user'],
    emailVerifiedAt: ownsAddress(parts, arrival) ? now : null,
    passwordHash: null,
    createdAt: now,
    disabledAt: null,
  }
  // Somebody was faster: next time there is an account to be found.
  if (!(await records.accounts.insertUser(user, email.key))) throw linkRequired()
  const methods = ['OAUTH'] as const
  const details = { roles: 'user', provider }
  await parts.audit(records, { event: 'SIGNED_UP', by: present, client, subjectId: user.id, methods, details })
  await attachIdentity(parts, records, user, arrival)
  if (mustConfirm(parts.policy, user)) await issueEmailVerification(parts, records, user)
  return user
}

/** Joins the identity with the account of the same address. Throws `LINK_REQUIRED` where that is not safe. */
async function join(
  parts: AccountParts,
  records: Records,
  arrival: IdentityArrival,
  namesake: UserRecord,
): Promise<UserRecord> {
  if (namesake.disabledAt !== null) throw invalidCredentials()
  // Whoever made an administrator at the command line may have made up the address: more than that is needed to become one.
  if (!ownsAddress(parts, arrival) || namesake.roles.includes('admin')) throw linkRequired()
  const { provider, identity, client, present } = arrival
  if (!isSameMailbox(identity.email ?? '', namesake.email)) throw linkRequired()
  const isConfirmed = namesake.emailVerifiedAt !== null
  const user = isConfirmed ? namesake : await takeOver(parts, records, namesake, { by: present, client, provider })
  await attachIdentity(parts, records, user, arrival)
  await parts.mail(records, user.email, { kind: 'IDENTITY_LINKED', provider })
  return user
}

/** Whether two addresses differ in the case of ASCII letters at most: one that only looks the same may be another's. */
function isSameMailbox(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()))
  return a === b
}

function linkRequired(): Refusal {
  return new Refusal(
    'LINK_REQUIRED',
    'There is an account with that email address: sign in to it and link the provider from there.',
  )
}
