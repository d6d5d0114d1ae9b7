import { finishPasskeySignIn } from '../../resolvers/accounts/finish-passkey-sign-in.ts'
import { startPasskeySignIn } from '../../resolvers/accounts/start-passkey-sign-in.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { PasskeyChallengeRef } from './passkey-challenge.ts'
import type { SessionRefs } from './session.ts'
import type { SignInResultRef } from './sign-in.ts'

export interface PasskeySignInParts {
  readonly refusals: Refusals
  readonly challenge: PasskeyChallengeRef
  readonly delivery: SessionRefs['delivery']
  readonly signInResult: SignInResultRef
}

/** Adds `Mutation.startPasskeySignIn` and `Mutation.finishPasskeySignIn`. */
export function addPasskeySignIn(
  builder: Builder,
  { refusals, challenge, delivery, signInResult }: PasskeySignInParts,
) {
  const directives = { skipAuth: {} }

  const started = builder.unionType('StartPasskeySignInResult', {
    description: 'How the beginning of a sign-in by passkey ended.',
    types: [challenge, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'PasskeyChallenge',
  })

  builder.mutationField('startPasskeySignIn', (t) =>
    t.field({
      type: started,
      directives,
      description:
        'Begins a sign-in for which nobody needs to say who they are: give the options to `navigator.credentials.get()`.',
      args: {
        delivery: t.arg({
          type: delivery,
          required: true,
          defaultValue: 'COOKIE',
          description: 'How the session is to be proven. With COOKIE only the same browser can finish it.',
        }),
      },
      resolve: startPasskeySignIn,
    }),
  )

  builder.mutationField('finishPasskeySignIn', (t) =>
    t.field({
      type: signInResult,
      directives,
      description: checksCredential(
        'Starts a session, as a passkey counts as two factors; the one that the request came with ends.',
      ),
      args: {
        challengeToken: t.arg.string({ required: true, description: 'From `startPasskeySignIn`; works once.' }),
        response: t.arg({
          type: 'JSON',
          required: true,
          description: 'The credential that `get()` gave: its `toJSON()`, `AuthenticationResponseJSON`.',
        }),
      },
      resolve: finishPasskeySignIn,
    }),
  )
}
