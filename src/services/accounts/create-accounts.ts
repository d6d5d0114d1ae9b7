import type { Clock } from '../../core/clock.ts'
import { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { AccessTokens } from '../../ports/access-tokens.ts'
import type { PasswordHasher } from '../../ports/password-hasher.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import type { Store } from '../../ports/store.ts'
import type { Accounts } from './accounts.ts'
import type { attemptLimits } from './attempt-limits.ts'
import { createAuthentication } from './authentication.ts'
import { createNewAccountCheck } from './new-account.ts'
import { toSession, toUser } from './outward.ts'
import { isAlive, type SessionLifetimes } from './session-life.ts'
import { createSetupToken } from './setup-token.ts'
import { createSignIn } from './sign-in.ts'
import { createSignUp, createUserCreation } from './sign-up.ts'
import { createSessionStarter } from './start-session.ts'
import { userIdOf } from './user-id-of.ts'

/** One limiter for each entry of `attemptLimits`. */
export type AccountLimiters = { readonly [Name in keyof typeof attemptLimits]: RateLimiter }

export interface AccountsOptions extends SessionLifetimes {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly tokens: AccessTokens
  readonly limiters: AccountLimiters
  readonly clock: Clock
  /** Whether anyone may make an account. */
  readonly signUp: 'open' | 'closed'
}

/** Users and their sessions. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { store, clock, limiters } = options
  const starter = createSessionStarter(options)
  const parts = { ...options, starter, check: createNewAccountCheck() }

  return {
    authenticate: createAuthentication(options),
    signUp: createSignUp({ ...parts, byNetwork: limiters.signUpByNetwork }),
    signIn: createSignIn({ ...parts, byAccount: limiters.signInByAccount, byNetwork: limiters.signInByNetwork }),
    createUser: createUserCreation(parts),
    setupToken: createSetupToken(store),

    async signOut(principal: Principal) {
      const sessionId = principal.kind === 'anonymous' ? null : principal.sessionId
      return sessionId !== null && store.write(({ accounts }) => accounts.endSession(sessionId, clock.now()))
    },

    async me(principal) {
      const userId = userIdOf(principal)
      const user = await store.read(({ accounts }) => accounts.findUser(userId))
      if (user === null) throw new Refusal('UNAUTHENTICATED', 'The account does not exist any more.')
      return toUser(user)
    },

    async sessions(principal) {
      const userId = userIdOf(principal)
      const now = clock.now()
      const sessions = await store.read(({ accounts }) => accounts.sessionsOf(userId, now))
      return sessions.filter((session) => isAlive(session, now, options)).map(toSession)
    },
  }
}
