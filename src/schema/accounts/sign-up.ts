import type { ShownSignUp } from '../../resolvers/accounts/shown-session.ts'
import { signUp } from '../../resolvers/accounts/sign-up.ts'
import type { Refused } from '../../resolvers/refused.ts'
import type { VerificationRequired } from '../../services/accounts/entered.ts'
import type { Builder } from '../builder.ts'
import { refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
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
      inviteToken: t.string({ description: 'The token of an invite; one for your address confirms it as well.' }),
    }),
  })

  const verificationRequired = builder.objectRef<VerificationRequired>('VerificationRequired').implement({
    description:
      'The address has to be confirmed before its account can be used: there is a mail on the way to it. The same whether or not it had an account.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      email: t.exposeString('email', { description: 'The address, as it was given.' }),
    }),
  })

  const result = builder.unionType('SignUpResult', {
    description: 'How a sign-up ended.',
    types: [
      success,
      verificationRequired,
      refusals.invalidInput,
      refusals.signUpClosed,
      refusals.invalidSetupToken,
      refusals.invalidInvite,
      refusals.emailTaken,
      refusals.rateLimited,
    ],
    resolveType: signUpTypeName,
  })

  builder.mutationField('signUp', (t) =>
    t.field({
      type: result,
      directives: { skipAuth: {} },
      description: checksCredential(
        'Makes an account and signs in with it; the session that the request came with ends. Where addresses must be confirmed there is no session yet.',
      ),
      args: { input: t.arg({ type: input, required: true, description: 'The account.' }) },
      resolve: signUp,
    }),
  )
}

function signUpTypeName(value: ShownSignUp | Refused): string | undefined {
  if ('kind' in value) return value.kind === 'SIGNED_IN' ? 'SignInSuccess' : 'VerificationRequired'
  return refusalTypeName(value)
}
