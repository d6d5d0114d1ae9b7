import { apiKeys } from '../../resolvers/accounts/api-keys.ts'
import type { ApiKey } from '../../services/accounts/api-keys/issue-api-key.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { ScopeRef } from './scope.ts'

/** Adds `ApiKey` and `Query.apiKeys`. */
export function addApiKey(builder: Builder, scope: ScopeRef) {
  const apiKey = builder.objectRef<ApiKey>('ApiKey').implement({
    description: 'A credential for a program. Its text was shown once, when it was made.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the key; proves nothing.' }),
      name: t.exposeString('name', { description: 'What you called it.' }),
      lastFour: t.exposeString('lastFour', { description: 'The last four characters of the key, to tell keys apart.' }),
      scopes: t.field({
        type: [scope],
        description: 'What it was made for. It may do of that what you may do yourself at the time.',
        resolve: ({ scopes }) => [...scopes],
      }),
      allowedIps: t.stringList({
        description: 'Addresses and ranges from which it may be used; empty: from everywhere.',
        resolve: ({ allowedIps }) => [...allowedIps],
      }),
      requestsPerMinute: t.exposeInt('requestsPerMinute', {
        description: 'How many requests a minute it is good for.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ends by itself; null: never.',
      }),
      lastUsedAt: t.expose('lastUsedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was last used, to about a minute; null: never.',
      }),
      successorId: t.exposeID('successorId', {
        nullable: true,
        description: 'The key that replaces it; null where none does.',
      }),
    }),
  })

  builder.queryField('apiKeys', (t) =>
    t.field({
      type: [apiKey],
      directives: requiresOneOf('account:read'),
      description: 'Your API keys that can be used, newest first.',
      resolve: apiKeys,
    }),
  )

  return apiKey
}

export type ApiKeyRef = ReturnType<typeof addApiKey>
