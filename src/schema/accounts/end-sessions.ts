import { revokeOtherSessions } from '../../resolvers/accounts/revoke-other-sessions.ts'
import { revokeSession } from '../../resolvers/accounts/revoke-session.ts'
import { signOut } from '../../resolvers/accounts/sign-out.ts'
import { signOutEverywhere } from '../../resolvers/accounts/sign-out-everywhere.ts'
import type { Builder } from '../builder.ts'

/** Adds the mutations that end sessions. `signOut` is public, so that a browser with a dead cookie can get rid of it. */
export function addEndSessions(builder: Builder): void {
  builder.mutationFields((t) => ({
    signOut: t.boolean({
      directives: { skipAuth: {} },
      description:
        'Ends the session that the request came with, at once and for all of its tokens, and clears the cookie. True when there was one.',
      resolve: signOut,
    }),

    revokeSession: t.boolean({
      description: 'Ends one of your sessions, at once, with its tokens and streams. True, or the error NOT_FOUND.',
      args: { id: t.arg.id({ required: true, description: 'As `sessions` gives it.' }) },
      resolve: revokeSession,
    }),

    revokeOtherSessions: t.int({
      description: 'Ends all of your sessions but the present one; how many. API keys go on working.',
      resolve: revokeOtherSessions,
    }),

    signOutEverywhere: t.int({
      description:
        'Ends all of your sessions, the present one as well, and clears the cookie; how many. API keys go on working.',
      resolve: signOutEverywhere,
    }),
  }))
}
