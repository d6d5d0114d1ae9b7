import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { addMfaRequired } from './mfa-required.ts'
import { addSession } from './session.ts'
import { addSignIn } from './sign-in.ts'
import { addSignInSuccess } from './sign-in-success.ts'
import { addSignOut } from './sign-out.ts'
import { addSignUp } from './sign-up.ts'
import { addUser } from './user.ts'

/** Users, their sessions, and the ways in and out. */
export function addAccounts(builder: Builder, refusals: Refusals): void {
  const user = addUser(builder)
  const { session, delivery } = addSession(builder)
  const { success } = addSignInSuccess(builder, user, session)
  const { mfaRequired } = addMfaRequired(builder)
  const entry = { refusals, success, mfaRequired, delivery }
  addSignUp(builder, entry)
  addSignIn(builder, entry)
  addSignOut(builder)
}
