import type { ShownSignIn } from '../../resolvers/accounts/shown-session.ts'
import type { Builder } from '../builder.ts'
import type { SessionRefs } from './session.ts'
import type { UserRef } from './user.ts'

/** Adds what every way of signing in answers when it worked. */
export function addSignInSuccess(builder: Builder, user: UserRef, session: SessionRefs['session']) {
  const tokenPair = builder.objectRef<NonNullable<ShownSignIn['tokens']>>('TokenPair').implement({
    description: 'What proves a session of delivery TOKENS.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      accessToken: t.exposeString('accessToken', { description: 'Send it as `Authorization: Bearer …`.' }),
      accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
        type: 'DateTime',
        description: 'When the access token ends; the session lives on.',
      }),
      refreshToken: t.exposeString('refreshToken', {
        description:
          'Gives the next pair of tokens, once, by `refreshTokens`. Keep it where only your program reads it.',
      }),
      refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
        type: 'DateTime',
        description: 'When the refresh token ends, and the session with it; sooner when the session is not used.',
      }),
    }),
  })

  const success = builder.objectRef<ShownSignIn>('SignInSuccess').implement({
    description: 'You are signed in.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      session: t.field({ type: session, description: 'The new session.', resolve: (signIn) => signIn.session }),
      user: t.field({ type: user, description: 'Who you are.', resolve: (signIn) => signIn.user }),
      tokens: t.field({
        type: tokenPair,
        nullable: true,
        description: 'Null with delivery COOKIE: then the answer sets the cookie.',
        resolve: (signIn) => signIn.tokens,
      }),
    }),
  })

  return { success, tokenPair }
}

export type SignInSuccessRef = ReturnType<typeof addSignInSuccess>['success']
export type TokenPairRef = ReturnType<typeof addSignInSuccess>['tokenPair']
