import { identities } from '../../resolvers/accounts/identities.ts'
import type { Identity } from '../../services/accounts/identities/identity-links.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds `Identity` and `Query.identities`. */
export function addIdentity(builder: Builder) {
  const identity = builder.objectRef<Identity>('Identity').implement({
    description: 'An account at an identity provider, by which its owner can sign in.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the identity: for `unlinkIdentity`.' }),
      provider: t.exposeString('provider', { description: 'The name of the provider, such as `github`.' }),
      providerName: t.exposeString('providerName', { description: 'The name of the provider for people.' }),
      email: t.exposeString('email', {
        nullable: true,
        description: 'The address that the provider told when it was linked, to tell accounts there apart.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was linked.' }),
      lastUsedAt: t.expose('lastUsedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When somebody last signed in by it.',
      }),
    }),
  })

  builder.queryField('identities', (t) =>
    t.field({
      type: [identity],
      directives: requiresOneOf('account:read'),
      description: 'The accounts at identity providers that are linked to yours, oldest first.',
      resolve: identities,
    }),
  )

  return identity
}

export type IdentityRef = ReturnType<typeof addIdentity>
