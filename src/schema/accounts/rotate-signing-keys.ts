import { rotateSigningKeys } from '../../resolvers/accounts/rotate-signing-keys.ts'
import type { SigningKey } from '../../services/accounts/keys/signing-keys.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds `SigningKey` and `Mutation.rotateSigningKeys`. */
export function addRotateSigningKeys(builder: Builder): void {
  const state = builder.enumType('SigningKeyState', {
    description: 'What becomes of a signing key.',
    values: {
      NEXT: { description: 'It is published and signs after the next rotation.' },
      ACTIVE: { description: 'It signs.' },
      RETIRED: { description: 'It only verifies, until the last token that it signed has expired.' },
    } as const,
  })

  const signingKey = builder.objectRef<SigningKey>('SigningKey').implement({
    description: 'A key that signs access tokens; its public half is at `/.well-known/jwks.json`.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      kid: t.exposeString('kid', { description: 'Names the key in the header of a token (RFC 7638).' }),
      state: t.expose('state', { type: state, description: 'What becomes of it.' }),
      algorithm: t.exposeString('algorithm', { description: '`EdDSA` or `ES256`.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      retiredAt: t.expose('retiredAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it stopped signing; null before that.',
      }),
    }),
  })

  builder.mutationField('rotateSigningKeys', (t) =>
    t.field({
      type: [signingKey],
      directives: requiresOneOf('admin'),
      description:
        'Signs access tokens with the next key from now on; tokens that were signed before stay valid until they expire. For administrators who have shown their factors within five minutes. Gives the keys as they are then.',
      resolve: rotateSigningKeys,
    }),
  )
}
