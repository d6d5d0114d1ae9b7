import { RateLimitedError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn, VerificationRequired } from '../entered.ts'
import { issueEmailVerification } from '../emails/issue-email-verification.ts'
import { networkOf, wideNetworkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import type { EmailAddress } from './email-address.ts'
import { type NewAccount, readNewAccount } from './new-account.ts'
import { assertEmailFree, insertUser, newUser } from './new-user.ts'
import type { SignInInput } from './sign-in.ts'
import { findSignUpPass, passFor, type SignUpPass, takeSignUpPass } from './sign-up-pass.ts'

export interface SignUpInput extends SignInInput {
  readonly displayName: string
  readonly setupToken?: string | null | undefined
  readonly inviteToken?: string | null | undefined
}

/** How accounts are made. */
export interface SignUpService {
  /**
   * Makes an account and signs in with it: `present` is who asked; their session ends in the transaction that starts the new
   * one (ASVS 7.2.4). Where addresses must be confirmed it answers `VerificationRequired`, the same for an address that has
   * an account, whose owner gets a mail; but for who holds the set-up token or an invite for the address.
   * Throws `InvalidInputError`, `SIGN_UP_CLOSED`, `INVALID_SETUP_TOKEN`, `INVALID_INVITE`, `EMAIL_TAKEN`, `RateLimitedError`.
   */
  signUp(input: SignUpInput, client: ClientInfo, present: Principal): Promise<SignedIn | VerificationRequired>
}

/** Somebody who has been let in to sign up. */
interface Applicant {
  readonly input: SignUpInput
  readonly client: ClientInfo
  readonly present: Principal
  readonly pass: SignUpPass
  readonly account: NewAccount
}

/** What would refuse a request is asked before the costly hash, and again in the transaction. */
export function createSignUp(parts: AccountParts): SignUpService {
  const { store, clock, policy, limiters } = parts

  return {
    async signUp(input, client, present) {
      await limiters.signUpByNetwork.consume(networkOf(client.ip))
      const wide = wideNetworkOf(client.ip)
      if (wide !== null) await limiters.passwordByWideNetwork.consume(wide)
      const asked = { ...input, policy: policy.signUp, now: clock.now() }
      const pass = await store.read((records) => findSignUpPass(records, asked))
      const account = await readNewAccount(input, parts.judgePassword)
      const applicant = { input, client, present, account, pass: passFor(pass, account.email) }
      const isConfirmed = applicant.pass.isVerified || !policy.emailVerification
      return isConfirmed ? enter(parts, applicant) : enterUnconfirmed(parts, applicant)
    },
  }
}

async function enter(parts: AccountParts, { input, client, present, account, pass }: Applicant): Promise<SignedIn> {
  const { store, clock, entry } = parts
  await store.read((records) => assertEmailFree(records, account.email))
  const user = await newUser(parts, account, pass)
  const admission = await store.write(async (records) => {
    await takeSignUpPass(records, pass, clock.now())
    await insertUser(records, user, account.email)
    await noteSignUp(parts, records, user, { client, present })
    return entry.admit(records, {
      user,
      methods: ['PASSWORD'],
      assurance: 1,
      delivery: input.delivery,
      client,
      present,
    })
  })
  const entered = await entry.handOver(admission)
  if (entered.kind === 'MFA_REQUIRED') throw new TypeError('A new user has no second factor.')
  return entered
}

/**
 * Whether the address has an account is told in a mail to it and nowhere else: both ways cost one hash and one transaction,
 * and use an invite up (ASVS 6.3.8). An account that waits to be confirmed stays as it is: whoever made it may be another.
 */
async function enterUnconfirmed(parts: AccountParts, applicant: Applicant): Promise<VerificationRequired> {
  const { store, clock, limiters } = parts
  const { client, present, pass, account } = applicant
  const { email } = account
  await limiters.mailByNetwork.consume(networkOf(client.ip))
  const mayTellOwner = await mayMail(parts, email)
  const user = await newUser(parts, account, pass)
  await store.write(async (records) => {
    await takeSignUpPass(records, pass, clock.now())
    if (await records.accounts.insertUser(user, email.key)) {
      await noteSignUp(parts, records, user, { client, present })
      await issueEmailVerification(parts, records, user)
    } else {
      await tellOwner(parts, records, applicant, mayTellOwner)
    }
  })
  return { kind: 'VERIFICATION_REQUIRED', email: email.address }
}

/** Tells the owner of an account that somebody wanted to make one with its address. */
async function tellOwner(
  { audit, mail }: AccountParts,
  records: Records,
  { account, client, present: by }: Applicant,
  mayTellOwner: boolean,
): Promise<void> {
  const owner = await records.accounts.findUserByEmailKey(account.email.key)
  const subjectId = owner?.id ?? null
  const details = { reason: 'EMAIL_TAKEN' }
  await audit(records, { event: 'SIGNED_UP', outcome: 'FAILURE', by, client, subjectId, details })
  if (owner !== null && mayTellOwner) await mail(records, owner.email, { kind: 'EMAIL_HAS_ACCOUNT' })
}

/** Whether the address may have another mail that somebody else asked for. */
async function mayMail({ limiters }: AccountParts, { key }: EmailAddress): Promise<boolean> {
  try {
    await limiters.mailByAddress.consume(sha256(key))
    return true
  } catch (error) {
    if (error instanceof RateLimitedError) return false
    throw error
  }
}

async function noteSignUp(
  { audit }: AccountParts,
  records: Records,
  { id, roles }: UserRecord,
  { client, present }: Pick<Applicant, 'client' | 'present'>,
): Promise<void> {
  const details = { roles: roles.join(' ') }
  await audit(records, { event: 'SIGNED_UP', by: present, client, subjectId: id, methods: ['PASSWORD'], details })
}
