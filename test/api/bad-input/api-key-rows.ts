import type { BadInputRow } from './bad-input-row.ts'

const refusal = '__typename ... on Error { code }'

/** API keys. */
export const apiKeyRows: readonly BadInputRow[] = [
  {
    mutation: 'createApiKey',
    document: `mutation ($name: String!, $scopes: [Scope!]!, $expiresAt: DateTime, $requestsPerMinute: Int) {
      createApiKey(input: {
        name: $name, scopes: $scopes, expiresAt: $expiresAt, requestsPerMinute: $requestsPerMinute
      }) { ${refusal} }
    }`,
    good: () => ({ name: 'a program', scopes: ['JOBS_READ'] }),
    texts: { name: 'INVALID_INPUT', scopes: 'INVALID_INPUT' },
    again: null,
    winners: { least: 20, most: 20 },
    asksForStepUp: true,
  },
  {
    mutation: 'rotateApiKey',
    document: `mutation ($id: ID!) { rotateApiKey(id: $id) { ${refusal} } }`,
    good: ({ apiKeyId }) => ({ id: apiKeyId }),
    texts: { id: 'NOT_FOUND' },
    // It has been replaced already.
    again: 'INVALID_INPUT',
    winners: { least: 1, most: 1 },
    asksForStepUp: true,
    foreign: { variables: ({ apiKeyId }) => ({ id: apiKeyId }), code: 'NOT_FOUND' },
  },
  {
    mutation: 'revokeApiKey',
    document: 'mutation ($id: ID!) { revokeApiKey(id: $id) }',
    good: ({ apiKeyId }) => ({ id: apiKeyId }),
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: { variables: ({ apiKeyId }) => ({ id: apiKeyId }), code: 'NOT_FOUND' },
  },
]
