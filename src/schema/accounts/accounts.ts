import type { Builder } from '../builder.ts'
import type { PageInfoRef } from '../page-info.ts'
import type { Refusals } from '../refusals.ts'
import { addAccountDeletion } from './account-deletion.ts'
import { addAccountEmail } from './account-email.ts'
import { addApiKey } from './api-key.ts'
import { addApiKeyMutations } from './api-key-mutations.ts'
import { addAuditEvents } from './audit-events.ts'
import { addAuthMethods } from './auth-methods.ts'
import { addChangePassword } from './change-password.ts'
import { addEmailChange } from './email-change.ts'
import { addEmailVerification } from './email-verification.ts'
import { addEndSessions } from './end-sessions.ts'
import { addIdentities } from './identities.ts'
import { addInvites } from './invites.ts'
import { addManagedUser } from './managed-user.ts'
import { addManagedUserQueries } from './managed-user-queries.ts'
import { addMfaRequired } from './mfa-required.ts'
import { addMultiFactor } from './multi-factor.ts'
import { addPasskeys } from './passkeys.ts'
import { addPasswordReset } from './password-reset.ts'
import { addRefreshTokens } from './refresh-tokens.ts'
import { addRole } from './role.ts'
import { addRotateSigningKeys } from './rotate-signing-keys.ts'
import { addScope } from './scope.ts'
import { addSession } from './session.ts'
import { addSessionEvents } from './session-event.ts'
import { addSignIn } from './sign-in.ts'
import { addSignInSuccess } from './sign-in-success.ts'
import { addSignUp } from './sign-up.ts'
import { addUser } from './user.ts'
import { addUserAdministration } from './user-administration.ts'

/** Users, their sessions, and the ways in and out. */
export function addAccounts(builder: Builder, refusals: Refusals, pageInfo: PageInfoRef): void {
  const role = addRole(builder)
  const user = addUser(builder, role)
  const { session, delivery, authMethod } = addSession(builder)
  const { success, tokenPair } = addSignInSuccess(builder, user, session)
  const { mfaRequired, mfaMethod } = addMfaRequired(builder)
  const entry = { refusals, success, mfaRequired, delivery }
  addSignUp(builder, entry)
  const signInResult = addSignIn(builder, entry)
  addAuthMethods(builder)
  addChangePassword(builder, entry)
  const emails = addAccountEmail(builder)
  addEmailVerification(builder, refusals, emails)
  addPasswordReset(builder, refusals, emails)
  addEmailChange(builder, refusals, emails)
  addAccountDeletion(builder, refusals)
  addEndSessions(builder)
  addSessionEvents(builder, { session })
  addRefreshTokens(builder, { refusals, tokenPair })
  addRotateSigningKeys(builder)
  addMultiFactor(builder, { refusals, success, mfaMethod })
  addIdentities(builder, entry)
  addPasskeys(builder, { refusals, delivery, signInResult, success })
  const scope = addScope(builder)
  addApiKeyMutations(builder, { refusals, apiKey: addApiKey(builder, scope), scope })
  const managedUser = addManagedUser(builder, role)
  addManagedUserQueries(builder, managedUser, pageInfo)
  addUserAdministration(builder, { refusals, user: managedUser, role })
  addInvites(builder, refusals, role)
  addAuditEvents(builder, { authMethod, pageInfo })
}
