import type { Accounts } from './accounts.ts'
import { createAudit } from './audit/audit.ts'
import { createAuthentication } from './authentication/authentication.ts'
import { createEntry } from './entry/entry.ts'
import { createNewAccountCheck } from './entry/new-account.ts'
import { createSetupToken } from './entry/setup-token.ts'
import { createSignIn } from './entry/sign-in.ts'
import { createSignUp, createUserCreation } from './entry/sign-up.ts'
import { createCredentialFailures } from './limits/credential-failures.ts'
import { createQueueMail } from './mail/queue-mail.ts'
import type { AccountParts } from './parts.ts'
import { createSessions } from './sessions/sessions.ts'
import { createSessionStarter } from './sessions/start-session.ts'

/** What accounts stand on; the rest of `AccountParts` is made of it. */
export type AccountsOptions = Omit<AccountParts, 'failures' | 'audit' | 'mail' | 'starter' | 'entry'>

/** Accounts, chapter by chapter. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { store, clock, policy, limiters, sealer, tokens } = options
  const audit = createAudit(clock)
  const mail = createQueueMail(sealer, clock)
  const starter = createSessionStarter({ ...policy, clock, tokens })
  const entry = createEntry({ ...options, starter, audit, mail })
  const failures = createCredentialFailures(store, clock)
  const parts: AccountParts = { ...options, audit, mail, starter, entry, failures }
  const creation = { ...parts, signUp: policy.signUp, check: createNewAccountCheck() }

  return {
    authenticate: createAuthentication({ ...parts, ...policy }),
    signIn: createSignIn({ ...parts, byNetwork: limiters.signInByNetwork }),
    signUp: createSignUp({ ...creation, byNetwork: limiters.signUpByNetwork }),
    createUser: createUserCreation(creation),
    setupToken: createSetupToken(store),
    ...createSessions(parts),
  }
}
