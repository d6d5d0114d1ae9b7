import { InvalidInputError, Refusal } from '../../../core/errors.ts'
import type { Records } from '../../../ports/store.ts'
import type { AccountPolicy } from '../account-policy.ts'
import type { EmailAddress } from './email-address.ts'
import { findInvite, type Invite, takeInvite } from './invite.ts'
import type { Standing } from './new-user.ts'
import { assertSetupToken, takeSetupToken } from './setup-token.ts'

/** What lets somebody sign up, and what it makes of them. */
export interface SignUpPass extends Standing {
  readonly setupToken: string | null
  readonly invite: Invite | null
}

export interface SignUpAsk {
  readonly setupToken?: string | null | undefined
  readonly inviteToken?: string | null | undefined
  readonly policy: AccountPolicy['signUp']
  readonly now: number
}

/** What lets whoever asks sign up. Throws `SIGN_UP_CLOSED`, `INVALID_SETUP_TOKEN`, `INVALID_INVITE`, `InvalidInputError`. */
export async function findSignUpPass(records: Records, ask: SignUpAsk): Promise<Omit<SignUpPass, 'isVerified'>> {
  const { setupToken = null, inviteToken = null, policy, now } = ask
  if (setupToken !== null && inviteToken !== null) {
    const message = 'Give a set-up token or an invite, not both.'
    throw new InvalidInputError([{ path: ['inviteToken'], message }])
  }
  if (setupToken !== null) {
    await assertSetupToken(records, setupToken)
    return { setupToken, invite: null, roles: ['user', 'admin'] }
  }
  if (policy === 'closed') {
    throw new Refusal('SIGN_UP_CLOSED', 'Accounts cannot be made here without a set-up token.')
  }
  if (inviteToken !== null) {
    const invite = await findInvite(records, inviteToken, now)
    return { setupToken, invite, roles: invite.roles }
  }
  if (policy === 'invite') throw new Refusal('SIGN_UP_CLOSED', 'Accounts are made here with an invite only.')
  return { setupToken, invite: null, roles: ['user'] }
}

/**
 * The pass as it is for that address. Who holds the set-up token is believed, as is an invite that was made out to the
 * address. Throws `INVALID_INVITE` for one that was made out to another.
 */
export function passFor(pass: Omit<SignUpPass, 'isVerified'>, { key }: EmailAddress): SignUpPass {
  const invited = pass.invite?.emailKey ?? null
  if (invited !== null && invited !== key) {
    throw new Refusal('INVALID_INVITE', 'The invite is for another email address.')
  }
  return { ...pass, isVerified: pass.setupToken !== null || invited !== null }
}

/** Uses it up, in the transaction that enters the user. Throws when somebody else was faster. */
export async function takeSignUpPass(records: Records, { setupToken, invite }: SignUpPass, now: number): Promise<void> {
  if (setupToken !== null) await takeSetupToken(records, setupToken)
  if (invite !== null) await takeInvite(records, invite, now)
}
