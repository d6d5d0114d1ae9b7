import { completeMfa } from '../../resolvers/accounts/complete-mfa.ts'
import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import { entryTypeName } from './mfa-required.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

/** Adds `Mutation.completeMfa`. */
export function addCompleteMfa(
  builder: Builder,
  { refusals, success }: { readonly refusals: Refusals; readonly success: SignInSuccessRef },
): void {
  const proof = builder.inputType('MfaProof', {
    description: 'A second factor: exactly one of these.',
    isOneOf: true,
    fields: (t) => ({
      totpCode: t.string({ description: 'The six digits that the authenticator app shows; spaces do not matter.' }),
      recoveryCode: t.string({ description: 'One of the recovery codes; case, spaces and hyphens do not matter.' }),
      passkey: t.field({
        type: 'JSON',
        description: 'What `navigator.credentials.get()` gave for `passkeyOptions`: `AuthenticationResponseJSON`.',
      }),
    }),
  })

  const result = builder.unionType('CompleteMfaResult', {
    description: 'How the second step of a sign-in ended.',
    types: [success, refusals.invalidCode, refusals.invalidChallenge, refusals.rateLimited],
    resolveType: entryTypeName,
  })

  builder.mutationField('completeMfa', (t) =>
    t.field({
      type: result,
      directives: { skipAuth: {} },
      description: checksCredential(
        'Shows the second factor that `MfaRequired` asked for, and starts the session; the one that the request came with ends. In the browser of the first step where that was to set a cookie.',
      ),
      args: {
        challengeToken: t.arg.string({ required: true, description: 'From `MfaRequired`.' }),
        proof: t.arg({ type: proof, required: true, description: 'The second factor.' }),
      },
      resolve: completeMfa,
    }),
  )
}
