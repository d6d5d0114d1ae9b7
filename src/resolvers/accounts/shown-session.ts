import type { MfaRequired, SignedIn, VerificationRequired } from '../../services/accounts/entered.ts'
import type { Session } from '../../services/accounts/outward.ts'

/** A session with whether it is the one that the request came with, or has just started. */
export interface ShownSession extends Session {
  readonly current: boolean
}

/** What a sign-in or a sign-up answers: without the cookie, which goes its own way. */
export interface ShownSignIn extends Pick<SignedIn, 'kind' | 'user' | 'tokens'> {
  readonly session: ShownSession
}

/** What a first factor leads to, as it is shown. */
export type ShownEntry = ShownSignIn | MfaRequired

/** What a sign-up leads to, as it is shown. */
export type ShownSignUp = ShownSignIn | VerificationRequired
