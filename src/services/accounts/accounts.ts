import type { Administration } from './administration/administration.ts'
import type { Invites } from './administration/invites.ts'
import type { ApiKeyService } from './api-keys/api-keys.ts'
import type { AuditQueries } from './audit/audit-queries.ts'
import type { Authentication } from './authentication/authentication.ts'
import type { AccountDeletion } from './emails/account-deletion.ts'
import type { EmailChange } from './emails/email-change.ts'
import type { EmailVerification } from './emails/email-verification.ts'
import type { PasswordReset } from './emails/password-reset.ts'
import type { UserCreation } from './entry/create-user.ts'
import type { SetupTokens } from './entry/setup-token.ts'
import type { IdentityLinks } from './identities/identity-links.ts'
import type { OAuthSignIn } from './identities/oauth.ts'
import type { SignInService } from './entry/sign-in.ts'
import type { SignUpService } from './entry/sign-up.ts'
import type { WaysInService } from './entry/ways-in.ts'
import type { SigningKeysService } from './keys/rotate-signing-keys.ts'
import type { MultiFactor } from './factors/multi-factor.ts'
import type { PasswordChange } from './passwords/change-password.ts'
import type { Passkeys } from './passkeys/passkeys.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { RefreshTokens } from './sessions/refresh-tokens.ts'
import type { SignOut } from './sessions/sign-out.ts'
import type { SessionWatch } from './sessions/watch-sessions.ts'

/** Everything about who is asking, chapter by chapter; each is described where it is defined. */
export interface Accounts
  extends
    Authentication,
    RefreshTokens,
    SigningKeysService,
    SignInService,
    SignUpService,
    UserCreation,
    SetupTokens,
    WaysInService,
    PasswordChange,
    EmailVerification,
    PasswordReset,
    EmailChange,
    AccountDeletion,
    Sessions,
    SessionWatch,
    SignOut,
    Passkeys,
    OAuthSignIn,
    IdentityLinks,
    MultiFactor,
    ApiKeyService,
    Administration,
    Invites,
    AuditQueries {}
