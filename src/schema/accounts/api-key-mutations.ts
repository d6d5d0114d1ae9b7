import { createApiKey } from '../../resolvers/accounts/create-api-key.ts'
import { revokeApiKey } from '../../resolvers/accounts/revoke-api-key.ts'
import { rotateApiKey } from '../../resolvers/accounts/rotate-api-key.ts'
import type { IssuedApiKey } from '../../services/accounts/api-keys/issue-api-key.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { ApiKeyRef } from './api-key.ts'
import type { ScopeRef } from './scope.ts'

interface ApiKeyParts {
  readonly refusals: Refusals
  readonly apiKey: ApiKeyRef
  readonly scope: ScopeRef
}

/** Adds the mutations `createApiKey`, `rotateApiKey` and `revokeApiKey`. */
export function addApiKeyMutations(builder: Builder, { refusals, apiKey, scope }: ApiKeyParts): void {
  const issued = builder.objectRef<IssuedApiKey>('ApiKeyIssued').implement({
    description: 'A new API key.',
    fields: (t) => ({
      key: t.exposeString('text', {
        description:
          'The key itself, shown this once: keep it where only your program reads it, and send it in the header `x-api-key`.',
      }),
      apiKey: t.expose('apiKey', { type: apiKey, description: 'What is known of it later.' }),
    }),
  })

  const created = builder.unionType('CreateApiKeyResult', {
    description: 'How the making of a key ended.',
    types: [issued, refusals.invalidInput, refusals.quotaExceeded],
    resolveType: (value) => refusalTypeName(value) ?? 'ApiKeyIssued',
  })

  const rotated = builder.unionType('RotateApiKeyResult', {
    description: 'How the replacement of a key ended.',
    types: [issued, refusals.invalidInput, refusals.quotaExceeded],
    resolveType: (value) => refusalTypeName(value) ?? 'ApiKeyIssued',
  })

  builder.mutationFields((t) => ({
    createApiKey: t.field({
      type: created,
      description:
        'Makes an API key with some of your scopes, for a program; it can never change your account. Asks for factors that were shown within 5 minutes. At most 50 keys.',
      args: { input: t.arg({ type: addInput(builder, scope), required: true, description: 'What it is to be.' }) },
      resolve: createApiKey,
    }),

    rotateApiKey: t.field({
      type: rotated,
      description:
        'Makes a key with the same settings, for as long again as the old one was made for; the old one ends after the overlap. Asks for factors that were shown within 5 minutes.',
      args: {
        id: t.arg.id({ required: true, description: 'Which key, as `apiKeys` gives it.' }),
        overlapSeconds: t.arg.int({
          required: true,
          defaultValue: 3600,
          description: 'For how long the old one still works, 0 to 604,800 seconds (7 days).',
        }),
      },
      resolve: rotateApiKey,
    }),

    revokeApiKey: t.boolean({
      description: 'Ends one of your keys, at once, with the streams that it opened. True, or the error NOT_FOUND.',
      args: { id: t.arg.id({ required: true, description: 'Which key, as `apiKeys` gives it.' }) },
      resolve: revokeApiKey,
    }),
  }))
}

function addInput(builder: Builder, scope: ScopeRef) {
  return builder.inputType('CreateApiKeyInput', {
    description: 'What an API key is to be.',
    fields: (t) => ({
      name: t.string({ required: true, description: 'What you call it, 1 to 100 characters.' }),
      scopes: t.field({ type: [scope], required: true, description: 'What it may do, of what you may do yourself.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself; by default never.' }),
      allowedIps: t.stringList({
        description: 'Addresses and CIDR ranges from which it may be used, at most 50; by default all.',
      }),
      requestsPerMinute: t.int({ description: 'How many requests a minute, 1 to 10,000; by default 600.' }),
    }),
  })
}
