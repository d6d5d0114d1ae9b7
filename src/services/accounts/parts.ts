import type { Clock } from '../../core/clock.ts'
import type { Sealer } from '../../core/sealer.ts'
import type { AccessTokens } from '../../ports/access-tokens.ts'
import type { IdentityProviders } from '../../ports/identity-providers.ts'
import type { Logger } from '../../ports/logger.ts'
import type { PasskeyCeremonies } from '../../ports/passkey-ceremonies.ts'
import type { PasswordHasher } from '../../ports/password-hasher.ts'
import type { Store } from '../../ports/store.ts'
import type { Audit } from './audit/audit.ts'
import type { Entry } from './entry/entry.ts'
import type { AccountLimiters } from './limits/attempt-limits.ts'
import type { CredentialFailures } from './limits/credential-failures.ts'
import type { QueueMail } from './mail/queue-mail.ts'
import type { SessionLifetimes } from './sessions/session-life.ts'
import type { SessionStarter } from './sessions/start-session.ts'

/** What the operator decided about accounts. */
export interface AccountPolicy extends SessionLifetimes {
  /** Who may make an account: anyone, who has an invite, or nobody. */
  readonly signUp: 'open' | 'invite' | 'closed'
  /** Whether an address must be confirmed before its account can be used. */
  readonly emailVerification: boolean
  /** Who must have a second factor. */
  readonly requireMfa: 'none' | 'admins' | 'all'
  /** Where links in mails lead to, without a slash at the end. */
  readonly appUrl: () => string
  /** Where this server is reached, without a slash at the end. */
  readonly publicUrl: () => string
  /** Whether API keys are of a production (`mr_live_`) or another installation (`mr_test_`). */
  readonly production: boolean
}

/** What the chapters of accounts are made of. */
export interface AccountParts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly policy: AccountPolicy
  readonly hasher: PasswordHasher
  readonly tokens: AccessTokens
  readonly sealer: Sealer
  readonly limiters: AccountLimiters
  readonly failures: CredentialFailures
  readonly ceremonies: PasskeyCeremonies
  readonly providers: IdentityProviders
  readonly audit: Audit
  readonly mail: QueueMail
  readonly starter: SessionStarter
  readonly entry: Entry
}
