import type { Principal } from '../../core/principal.ts'
import type { Delivery, SessionRecord, UserRecord } from '../../ports/account-records.ts'

/** A user as the world may see them. */
export type User = Omit<UserRecord, 'passwordHash'>

/** A session as its owner may see it. */
export type Session = Omit<SessionRecord, 'secretHash'>

/** The credentials that a request came with, as plain values; `null` where there was none. */
export interface Credentials {
  /** The header `x-api-key`. */
  readonly apiKey: string | null
  /** The token of `Authorization: Bearer …` (or of `connection_init`). */
  readonly bearer: string | null
  /** The value of the session cookie. */
  readonly sessionCookie: string | null
}

/** Where a request came from, for the owner's list of sessions. */
export interface ClientInfo {
  readonly ip: string | null
  readonly userAgent: string | null
}

export interface SignInInput {
  readonly email: string
  readonly password: string
  readonly delivery: Delivery
}

export interface SignUpInput extends SignInInput {
  readonly displayName: string
  readonly setupToken?: string | null | undefined
}

/** A started session with what proves it. `cookie` is the session cookie's value, for cookie delivery only. */
export interface SignedIn {
  readonly user: User
  readonly session: Session
  readonly cookie: string | null
  readonly tokens: { readonly accessToken: string; readonly accessTokenExpiresAt: number } | null
}

/** Everything about who is asking. */
export interface Accounts {
  /**
   * The one function that knows every kind of credential: API key, then bearer token, then session cookie, then nobody.
   * A header credential that is not valid throws `UNAUTHENTICATED` or `SESSION_REVOKED`. A dead cookie, which the browser
   * sends unasked, gives an anonymous principal that says why, so that signing in again is possible.
   */
  authenticate(credentials: Credentials): Promise<Principal>
  /**
   * Throws `InvalidInputError`, `SIGN_UP_CLOSED`, `INVALID_SETUP_TOKEN`, `EMAIL_TAKEN`, `RateLimitedError`.
   * `present` is who asked: their session ends in the transaction that starts the new one (ASVS 7.2.4).
   */
  signUp(input: SignUpInput, client: ClientInfo, present: Principal): Promise<SignedIn>
  /** Throws `INVALID_CREDENTIALS` (the same for every reason) and `RateLimitedError`. `present` as with `signUp`. */
  signIn(input: SignInInput, client: ClientInfo, present: Principal): Promise<SignedIn>
  /** Ends the principal's own session; says whether there was one. */
  signOut(principal: Principal): Promise<boolean>
  /** The principal's user. */
  me(principal: Principal): Promise<User>
  /** The living sessions of the principal's user, newest first. */
  sessions(principal: Principal): Promise<readonly Session[]>
  /** The token with which the first administrator signs up; made anew at each start while there is none. `null` afterwards. */
  setupToken(): Promise<string | null>
  /** Makes a user without a session, for the command line. Throws as `signUp` does. */
  createUser(input: {
    readonly email: string
    readonly password: string
    readonly displayName: string
    readonly admin: boolean
  }): Promise<User>
}
