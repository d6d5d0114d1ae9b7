import { signIn } from '../../resolvers/accounts/sign-in.ts'
import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { SessionRefs } from './session.ts'
import { type MfaRequiredRef, entryTypeName } from './mfa-required.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

export interface EntryParts {
  readonly refusals: Refusals
  readonly success: SignInSuccessRef
  readonly mfaRequired: MfaRequiredRef
  readonly delivery: SessionRefs['delivery']
}

/** Adds `Mutation.signIn`. */
export function addSignIn(builder: Builder, { refusals, success, mfaRequired, delivery }: EntryParts) {
  const input = builder.inputType('SignInInput', {
    description: 'Who you are, and what proves it.',
    fields: (t) => ({
      email: t.string({ required: true, description: 'The email address of the account.' }),
      password: t.string({ required: true, description: 'The password, exactly as it was set.' }),
      delivery: t.field({
        type: delivery,
        required: true,
        defaultValue: 'COOKIE',
        description: 'How the session is to be proven.',
      }),
    }),
  })

  const result = builder.unionType('SignInResult', {
    description: 'How a sign-in ended.',
    types: [success, mfaRequired, refusals.invalidCredentials, refusals.emailNotVerified, refusals.rateLimited],
    resolveType: entryTypeName,
  })

  builder.mutationField('signIn', (t) =>
    t.field({
      type: result,
      directives: { skipAuth: {} },
      description: checksCredential('Starts a session; the one that the request came with ends.'),
      args: { input: t.arg({ type: input, required: true, description: 'Who you are.' }) },
      resolve: signIn,
    }),
  )

  return result
}

export type SignInResultRef = ReturnType<typeof addSignIn>
