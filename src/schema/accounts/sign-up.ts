import { signUp } from '../../resolvers/accounts/sign-up.ts'
import type { Builder } from '../builder.ts'
import { entryTypeName } from './mfa-required.ts'
import type { EntryParts } from './sign-in.ts'

/** Adds `Mutation.signUp`. */
export function addSignUp(builder: Builder, { refusals, success, delivery }: EntryParts): void {
  const input = builder.inputType('SignUpInput', {
    description: 'What an account is made of.',
    fields: (t) => ({
      email: t.string({ required: true, description: 'An email address that has no account yet.' }),
      password: t.string({
        required: true,
        description: 'From 15 to 256 characters of any kind, not easy to guess. Taken exactly as it is.',
      }),
      displayName: t.string({ required: true, description: 'What others see, 1 to 100 characters.' }),
      delivery: t.field({
        type: delivery,
        required: true,
        defaultValue: 'COOKIE',
        description: 'How the session is to be proven.',
      }),
      setupToken: t.string({ description: 'The token that the first start prints: makes the first administrator.' }),
    }),
  })

  const result = builder.unionType('SignUpResult', {
    description: 'How a sign-up ended.',
    types: [
      success,
      refusals.invalidInput,
      refusals.signUpClosed,
      refusals.invalidSetupToken,
      refusals.emailTaken,
      refusals.rateLimited,
    ],
    resolveType: entryTypeName,
  })

  builder.mutationField('signUp', (t) =>
    t.field({
      type: result,
      directives: { skipAuth: {} },
      description: 'Makes an account and signs in with it; the session that the request came with ends.',
      args: { input: t.arg({ type: input, required: true, description: 'The account.' }) },
      resolve: signUp,
    }),
  )
}
