import type { SessionLifetimes } from './sessions/session-life.ts'

/** What the operator decided about accounts. */
export interface AccountPolicy extends SessionLifetimes {
  /** Who may make an account: anyone, who has an invite, or nobody. */
  readonly signUp: 'open' | 'invite' | 'closed'
  /** Whether an address must be confirmed before its account can be used. */
  readonly emailVerification: boolean
  /** Who must have a second factor. */
  readonly requireMfa: 'none' | 'admins' | 'all'
  /** For how long the audit log is kept. */
  readonly auditKeepMs: number
  /** For how long a refresh token that was used gives the same successor again. */
  readonly refreshGraceMs: number
  /** Where links in mails lead to, without a slash at the end. */
  readonly appUrl: () => string
  /** Where this server is reached, without a slash at the end. */
  readonly publicUrl: () => string
  /** Where a sign-in by a provider may lead back to, besides the app: origins, and whole addresses of native apps. */
  readonly redirects: () => readonly string[]
  /** Whether API keys are of a production (`mr_live_`) or another installation (`mr_test_`). */
  readonly production: boolean
}
