import { refreshTokens } from '../../resolvers/accounts/refresh-tokens.ts'
import type { TokenPair } from '../../services/accounts/entered.ts'
import type { Builder } from '../builder.ts'
import { refusalTypeName, type Refusals } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { TokenPairRef } from './sign-in-success.ts'

export interface RefreshTokensParts {
  readonly refusals: Refusals
  readonly tokenPair: TokenPairRef
}

/** Adds `Mutation.refreshTokens`: public, as the refresh token is the credential. */
export function addRefreshTokens(builder: Builder, { refusals, tokenPair }: RefreshTokensParts): void {
  const success = builder.objectRef<{ readonly tokens: TokenPair }>('RefreshTokensSuccess').implement({
    description: 'The session goes on.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      tokens: t.field({
        type: tokenPair,
        description: 'The next pair; the refresh token that was given is used up.',
        resolve: ({ tokens }) => tokens,
      }),
    }),
  })

  const result = builder.unionType('RefreshTokensResult', {
    description: 'How a refresh ended.',
    types: [success, refusals.invalidRefreshToken, refusals.rateLimited],
    resolveType: (value) => ('tokens' in value ? 'RefreshTokensSuccess' : refusalTypeName(value)),
  })

  builder.mutationField('refreshTokens', (t) =>
    t.field({
      type: result,
      directives: { skipAuth: {} },
      description: checksCredential(
        'Gives the next access token for a refresh token, which works once: asked again within a few seconds it gives the same answer, shown later it ends the session.',
      ),
      args: {
        refreshToken: t.arg.string({ required: true, description: 'The newest one that you were given.' }),
      },
      resolve: refreshTokens,
    }),
  )
}
