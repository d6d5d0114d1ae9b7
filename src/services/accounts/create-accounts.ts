import { startUpkeep } from '../operations/upkeep.ts'
import type { Accounts } from './accounts.ts'
import { createAdministration } from './administration/administration.ts'
import { createInvites } from './administration/invites.ts'
import { createAccountsSweep } from './administration/sweep-accounts.ts'
import { createApiKeyUses } from './api-keys/api-key-uses.ts'
import { createApiKeyAuthentication } from './api-keys/authenticate-api-key.ts'
import { createApiKeyService } from './api-keys/api-keys.ts'
import { createAudit } from './audit/audit.ts'
import { createAuditQueries } from './audit/audit-queries.ts'
import { openAuthentication } from './authentication/authentication.ts'
import { createAccountDeletion } from './emails/account-deletion.ts'
import { createEmailChange } from './emails/email-change.ts'
import { createEmailVerification } from './emails/email-verification.ts'
import { createPasswordReset } from './emails/password-reset.ts'
import { createEntry } from './entry/entry.ts'
import { createUserCreation } from './entry/create-user.ts'
import { createSetupToken } from './entry/setup-token.ts'
import { createSignIn } from './entry/sign-in.ts'
import { createSignUp } from './entry/sign-up.ts'
import { createWaysIn } from './entry/ways-in.ts'
import { createSigningKeysService } from './keys/rotate-signing-keys.ts'
import { createMultiFactor } from './factors/multi-factor.ts'
import { createIdentityLinks } from './identities/identity-links.ts'
import { createOAuthSignIn } from './identities/oauth.ts'
import { createCredentialFailures } from './limits/credential-failures.ts'
import { createMailQueue } from './mail/queue-mail.ts'
import type { AccountParts } from './parts.ts'
import { createPasswordChange } from './passwords/change-password.ts'
import { createPasswordPolicy } from './passwords/password-policy.ts'
import { createPasskeys } from './passkeys/passkeys.ts'
import { createRefreshTokens } from './sessions/refresh-tokens.ts'
import { createSessions } from './sessions/sessions.ts'
import { createSignOut } from './sessions/sign-out.ts'
import { createSessionStarter } from './sessions/start-session.ts'
import { createSessionWatch } from './sessions/watch-sessions.ts'

/** What accounts stand on; the rest of `AccountParts` is made of it. */
export type AccountsOptions = Omit<
  AccountParts,
  'failures' | 'audit' | 'mail' | 'requestMail' | 'starter' | 'entry' | 'judgePassword' | 'keyUses'
> & {
  /** Called when there is a mail to send, or will be after the commit; may be called within a transaction. */
  readonly wakeMails?: () => void
}

/** Accounts, chapter by chapter. Close them to stop what they do by themselves. */
export function createAccounts(options: AccountsOptions): Accounts & AsyncDisposable {
  const parts = createParts(options)
  const { store, clock, policy, keyUses } = parts
  const authentication = openAuthentication({ ...parts, proveApiKey: createApiKeyAuthentication(parts) })
  const upkeep = startUpkeep(
    {
      'old signing keys': () => parts.keys.tidy(),
      'successors of refresh tokens': () =>
        store.write(({ accounts }) => accounts.forgetSuccessors(clock.now() - policy.refreshGraceMs)),
      'uses of API keys': () => keyUses.writeKeyUses(),
      'what has expired': createAccountsSweep(parts),
    },
    parts.logger,
  )

  return {
    ...authentication,
    ...createRefreshTokens(parts),
    ...createSigningKeysService(parts),
    ...createSignIn(parts),
    ...createSignUp(parts),
    ...createUserCreation(parts),
    ...createSetupToken(store),
    ...createWaysIn(parts),
    ...createPasswordChange(parts),
    ...createSignOut(parts),
    ...createEmailVerification(parts),
    ...createPasswordReset(parts),
    ...createEmailChange(parts),
    ...createAccountDeletion(parts),
    ...createSessions(parts),
    ...createSessionWatch(parts),
    ...createApiKeyService(parts),
    ...createAdministration(parts),
    ...createInvites(parts),
    ...createAuditQueries(parts),
    ...createPasskeys(parts),
    ...createOAuthSignIn(parts),
    ...createIdentityLinks(parts),
    ...createMultiFactor(parts),
    async [Symbol.asyncDispose]() {
      await upkeep[Symbol.asyncDispose]()
      await authentication[Symbol.asyncDispose]()
      await keyUses.writeKeyUses()
    },
  }
}

function createParts(options: AccountsOptions): AccountParts {
  const { clock, policy, limiters, tokens } = options
  const audit = createAudit(clock, options.meter)
  const { mail, requestMail } = createMailQueue({ ...options, wake: options.wakeMails })
  const starter = createSessionStarter({ ...policy, clock, tokens })
  const entry = createEntry({ ...options, starter, audit, mail })
  const withoutStore = limiters.credentialsWithoutStore
  const failures = createCredentialFailures({ ...options, withoutStore })
  const judgePassword = createPasswordPolicy({ ...options, byAccount: limiters.newPasswordByAccount })
  const keyUses = createApiKeyUses(options)
  return { ...options, audit, mail, requestMail, starter, entry, failures, judgePassword, keyUses }
}
