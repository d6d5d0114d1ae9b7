import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/secrets.ts'
import { badTexts, wrongKinds } from './bad-input/input-variants.ts'
import { type Api, type ApiClient, openApi } from './open-api.ts'

const codeChallenge = sha256('a verifier')

/** Nothing of these asks a provider: what is wrong is found before. */
const rows = [
  {
    mutation: 'startOAuthSignIn',
    type: 'StartOAuthSignInInput!',
    good: { provider: 'github', redirectTo: '/', delivery: 'TOKENS', codeChallenge },
  },
  {
    mutation: 'startIdentityLink',
    type: 'StartIdentityLinkInput!',
    good: { provider: 'github', redirectTo: '/', codeChallenge },
  },
  { mutation: 'exchangeOAuthCode', type: 'OAuthCodeInput!', good: { code: 'x', codeVerifier: 'x' } },
  { mutation: 'finishIdentityLink', type: 'OAuthCodeInput!', good: { code: 'x', codeVerifier: 'x' } },
] as const

const cases = rows.flatMap(({ mutation, type, good }) =>
  Object.keys(good)
    .filter((name) => name !== 'delivery')
    .map((name) => ({ mutation, type, good, name })),
)

describe('bad input about providers', () => {
  let api: Api
  let cookie: string | null
  beforeAll(async () => {
    api = await openApi({ OAUTH_GITHUB_CLIENT_ID: 'id', OAUTH_GITHUB_CLIENT_SECRET: 'secret' })
    const client = api.client()
    const input = { email: 'ada@example.com', password: 'violet hum table 7', displayName: 'Ada' }
    await client.run('mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }', { input })
    cookie = client.cookie
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const run = (client: ApiClient, { mutation, type }: (typeof rows)[number], input: object) =>
    client.run(
      `mutation ($input: ${type}) { result: ${mutation}(input: $input) { __typename ... on Error { code } } }`,
      { input },
      { sessionCookie: cookie },
    )

  it.each(rows.slice(0, 2))('of $mutation is none where everything is in order', async (row) => {
    const { data } = await run(api.client(), row, row.good)
    expect(data).toEqual({ result: { __typename: 'OAuthStarted' } })
  })

  it.each(cases)('is refused, and no more: $name of $mutation', async ({ name, ...row }) => {
    const client = api.client({
      ip: `198.51.${cases.findIndex((one) => one.name === name && one.mutation === row.mutation)}.1`,
    })
    for (const value of [...badTexts, ...wrongKinds]) {
      // The type of the row is lost with its name.
      const { body, data, errors } = await run(client, row as (typeof rows)[number], { ...row.good, [name]: value })
      const told = errors[0]?.extensions['code'] ?? (data as { result: { code?: string } }).result.code
      expect([JSON.stringify(value).slice(0, 30), told]).toEqual([
        expect.any(String),
        expect.stringMatching(
          /^(INVALID_INPUT|UNKNOWN_PROVIDER|INVALID_TOKEN|BAD_REQUEST|GRAPHQL_VALIDATION_FAILED|PAYLOAD_TOO_LARGE)$/,
        ),
      ])
      expect(body.length).toBeLessThan(20_000)
    }
  })
})
