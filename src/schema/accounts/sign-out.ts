import { signOut } from '../../resolvers/accounts/sign-out.ts'
import type { Builder } from '../builder.ts'

/** Adds `Mutation.signOut`: public, so that a browser with a dead cookie can get rid of it. */
export function addSignOut(builder: Builder): void {
  builder.mutationField('signOut', (t) =>
    t.boolean({
      directives: { skipAuth: {} },
      description:
        'Ends the session that the request came with, at once and for all of its tokens, and clears the cookie. True when there was one.',
      resolve: signOut,
    }),
  )
}
