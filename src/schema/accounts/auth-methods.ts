import { authMethods } from '../../resolvers/accounts/auth-methods.ts'
import type { WaysIn } from '../../services/accounts/entry/ways-in.ts'
import type { Builder } from '../builder.ts'

/** Adds `Query.authMethods`: public, as it is asked by who is not signed in, and says nothing of anybody. */
export function addAuthMethods(builder: Builder): void {
  const directives = { skipAuth: {} }

  const signUpPolicy = builder.enumType('SignUpPolicy', {
    description: 'Who may make an account.',
    values: {
      OPEN: { value: 'open', description: 'Anybody.' },
      INVITE: { value: 'invite', description: 'Who has an invite.' },
      CLOSED: { value: 'closed', description: 'Nobody but the first administrator, who has a set-up token.' },
    } as const,
  })

  const provider = builder.objectRef<WaysIn['providers'][number]>('AuthProvider').implement({
    description: 'An identity provider that somebody can sign in with.',
    directives,
    fields: (t) => ({
      name: t.exposeString('name', { description: 'What `startOAuthSignIn` takes.' }),
      displayName: t.exposeString('displayName', { description: 'What stands on the button.' }),
    }),
  })

  const methods = builder.objectRef<WaysIn>('AuthMethods').implement({
    description: 'What a page for signing in can offer besides a password, which is always one of the ways in.',
    directives,
    fields: (t) => ({
      passkeys: t.exposeBoolean('passkeys', { description: 'Whether a passkey is a way in (`startPasskeySignIn`).' }),
      providers: t.field({
        type: [provider],
        description: 'The identity providers that are a way in (`startOAuthSignIn`).',
        resolve: ({ providers }) => [...providers],
      }),
      signUp: t.expose('signUp', { type: signUpPolicy, description: 'Who may make an account.' }),
    }),
  })

  builder.queryField('authMethods', (t) =>
    t.field({
      type: methods,
      directives,
      description: 'How one can sign in here: the same for everybody.',
      resolve: authMethods,
    }),
  )
}
