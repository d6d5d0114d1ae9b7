import type { Clock } from '../../core/clock.ts'
import type { Sealer } from '../../core/sealer.ts'
import type { AccessTokens } from '../../ports/access-tokens.ts'
import type { Bus } from '../../ports/bus.ts'
import type { IdentityProviders } from '../../ports/identity-providers.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Meter } from '../../ports/meter.ts'
import type { PasskeyCeremonies } from '../../ports/passkey-ceremonies.ts'
import type { PasswordBlocklist } from '../../ports/password-blocklist.ts'
import type { PasswordHasher } from '../../ports/password-hasher.ts'
import type { Store } from '../../ports/store.ts'
import type { Hub } from '../streams/stream.ts'
import type { TotpCodes } from '../../ports/totp-codes.ts'
import type { ApiKeyUses } from './api-keys/api-key-uses.ts'
import type { Audit } from './audit/audit.ts'
import type { Entry } from './entry/entry.ts'
import type { SigningKeyRing } from './keys/signing-keys.ts'
import type { AccountLimiters } from './limits/attempt-limits.ts'
import type { CredentialFailures } from './limits/credential-failures.ts'
import type { QueueMail, QueueMailRequest } from './mail/queue-mail.ts'
import type { JudgePassword } from './passwords/password-policy.ts'
import type { AccountPolicy } from './account-policy.ts'
import type { SessionStarter } from './sessions/start-session.ts'

/** What the chapters of accounts are made of. */
export interface AccountParts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  /** Counts what goes into the audit log. */
  readonly meter?: Meter
  readonly policy: AccountPolicy
  readonly hasher: PasswordHasher
  /** `null`: there is no list. */
  readonly blocklist: PasswordBlocklist | null
  readonly judgePassword: JudgePassword
  readonly tokens: AccessTokens
  /** What access tokens are signed with. */
  readonly keys: SigningKeyRing
  /** On which processes hear of each other's revocations. */
  readonly bus: Bus
  readonly hub: Pick<Hub, 'open'>
  readonly sealer: Sealer
  readonly totp: TotpCodes
  /** The key of the HMAC under which recovery codes are stored: 32 random bytes that outlive the root secret. */
  readonly recoveryKey: Buffer
  readonly limiters: AccountLimiters
  readonly keyUses: ApiKeyUses
  readonly failures: CredentialFailures
  readonly ceremonies: PasskeyCeremonies
  readonly providers: IdentityProviders
  readonly audit: Audit
  readonly mail: QueueMail
  readonly requestMail: QueueMailRequest
  readonly starter: SessionStarter
  readonly entry: Entry
}
