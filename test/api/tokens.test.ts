import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type Api, type ApiClient, openApi } from './open-api.ts'

let api: Api

beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const password = 'violet hum table 7'
const refresh = `mutation ($token: String!) {
  refreshTokens(refreshToken: $token) {
    __typename
    ... on RefreshTokensSuccess { tokens { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt } }
    ... on Error { code message }
  }
}`
const signUp = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { ... on SignInSuccess { tokens { accessToken refreshToken } } ... on Error { code } }
}`

interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

interface RefreshAnswer {
  readonly __typename: string
  readonly tokens?: Tokens
  readonly code?: string
}

let emails = 0

async function signUpWithTokens(client: ApiClient, setupToken: string | null = null): Promise<Tokens> {
  emails += 1
  const input = { email: `user${emails}@example.com`, password, displayName: 'Ada', delivery: 'TOKENS', setupToken }
  const { data } = await client.run(signUp, { input })
  return (data as { signUp: { tokens: Tokens } }).signUp.tokens // an answer of our own server
}

async function refreshWith(client: ApiClient, token: string): Promise<RefreshAnswer> {
  const { data, status } = await client.run(refresh, { token })
  expect(status).toBe(200)
  return (data as { refreshTokens: RefreshAnswer }).refreshTokens // an answer of our own server
}

describe('refreshTokens', () => {
  it('is open to who holds a refresh token and nothing else', async () => {
    const first = await signUpWithTokens(api.client())
    const client = api.client()
    const { __typename, tokens } = await refreshWith(client, first.refreshToken)
    expect(__typename).toBe('RefreshTokensSuccess')
    const { data } = await client.run('{ me { displayName } }', {}, { bearer: tokens?.accessToken ?? null })
    expect(data).toEqual({ me: { displayName: 'Ada' } })
    expect(client.cookie).toBeNull()
  })

  it('ends the session of a token that is shown again, as a typed outcome', async () => {
    const client = api.client()
    const a = await signUpWithTokens(client)
    const b = await refreshWith(client, a.refreshToken)
    await refreshWith(client, b.tokens?.refreshToken ?? '')
    expect(await refreshWith(client, a.refreshToken)).toEqual({
      __typename: 'InvalidRefreshTokenError',
      code: 'INVALID_REFRESH_TOKEN',
      message: 'The refresh token is wrong, used up or expired: sign in again.',
    })
    const { status, errors } = await client.run('{ me { id } }', {}, { bearer: a.accessToken })
    expect([status, errors[0]?.extensions['code']]).toEqual([401, 'SESSION_REVOKED'])
  })

  it('touches no cookie, whether it works or not', async () => {
    const client = api.client()
    emails += 1
    const input = { email: `user${emails}@example.com`, password, displayName: 'Eve', delivery: 'COOKIE' }
    await client.run(signUp, { input })
    const { cookie } = client
    expect(cookie).not.toBeNull()
    for (const token of ['', 'x', cookie ?? '', (await signUpWithTokens(api.client())).refreshToken]) {
      await refreshWith(client, token)
      expect(client.cookie).toBe(cookie)
    }
    expect((await client.run('{ me { displayName } }')).data).toEqual({ me: { displayName: 'Eve' } })
  })

  it('gives ten who ask at once the same successor', async () => {
    const client = api.client()
    const first = await signUpWithTokens(client)
    const answers = await Promise.all(Array.from({ length: 10 }, () => refreshWith(client, first.refreshToken)))
    expect(new Set(answers.map(({ tokens }) => tokens?.refreshToken)).size).toBe(1)
    expect(new Set(answers.map(({ tokens }) => tokens?.accessToken)).size).toBe(10)
  })

  it('is one credential of an operation', async () => {
    const { status, errors } = await api
      .client()
      .run(
        'mutation { a: refreshTokens(refreshToken: "x") { __typename } b: refreshTokens(refreshToken: "y") { __typename } }',
      )
    expect([status, errors[0]?.extensions['code']]).toEqual([400, 'TOO_MANY_CREDENTIAL_FIELDS'])
  })

  it('takes a text and nothing else', async () => {
    for (const token of [null, 42, ['x'], { token: 'x' }]) {
      const { errors, data } = await api.client().run(refresh, { token })
      expect([data, errors.length]).toEqual([null, 1])
    }
    const { data } = await api.client().run(refresh, { token: 'x'.repeat(100_000) })
    expect(data).toMatchObject({ refreshTokens: { code: 'INVALID_REFRESH_TOKEN' } })
  })
})

const rotate = 'mutation { rotateSigningKeys { kid state algorithm createdAt retiredAt } }'

describe('rotateSigningKeys', () => {
  it('is for administrators, who see what became of the keys', async () => {
    const client = api.client()
    const user = await signUpWithTokens(client)
    const administrator = await signUpWithTokens(client, api.setupToken)
    const asked = async (bearer: string | null) => {
      const { status, errors } = await client.run(rotate, {}, { bearer })
      return [status, errors[0]?.extensions['code']]
    }
    expect(await asked(null)).toEqual([401, 'UNAUTHENTICATED'])
    expect(await asked(user.accessToken)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    const { data } = await client.run(rotate, {}, { bearer: administrator.accessToken })
    const { rotateSigningKeys: keys } = data as { rotateSigningKeys: { state: string; retiredAt: string | null }[] }
    expect(keys.map(({ state }) => state).toSorted()).toEqual(['ACTIVE', 'NEXT', 'RETIRED'])
    expect(keys.filter(({ retiredAt }) => retiredAt !== null)).toHaveLength(1)
    // Tokens that were signed before go on.
    expect((await client.run('{ me { id } }', {}, { bearer: user.accessToken })).status).toBe(200)
  })
})

describe('/.well-known/jwks.json', () => {
  let app: App

  beforeAll(async () => {
    app = await openTestApp()
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const ask = (init: RequestInit = {}) => fetch(`${app.url}/.well-known/jwks.json`, init)

  it('has the public keys by which anybody verifies a token, and no private part of them', async () => {
    const response = await ask()
    expect(response.status).toBe(200)
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] } // an answer of our own server
    expect(keys).toHaveLength(2)
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
      expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
    }

    const input = { email: 'ada@example.com', password, displayName: 'Ada', delivery: 'TOKENS' }
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: signUp, variables: { input } }),
    })
    const { data } = (await answer.json()) as { data: { signUp: { tokens: Tokens } } } // an answer of our own server
    const jwks = createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`))
    const { payload, protectedHeader } = await jwtVerify(data.signUp.tokens.accessToken, jwks, { audience: 'millrace' })
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' })
    expect(payload).toMatchObject({ client_id: 'millrace', gen: 1 })
  })

  it('may be read by pages of every origin, without credentials, and remembered for five minutes', async () => {
    const { headers } = await ask({ headers: { origin: 'https://elsewhere.example' } })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(headers.get('content-type')).toBe('application/jwk-set+json')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const own = await ask({ headers: { origin: app.url } })
    expect(own.headers.get('access-control-allow-credentials')).toBeNull()
    expect(own.headers.get('set-cookie')).toBeNull()
  })

  it('is read, and nothing else', async () => {
    expect((await ask({ method: 'HEAD' })).status).toBe(200)
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await ask({ method })
      expect([method, response.status]).toEqual([method, 405])
    }
    expect((await fetch(`${app.url}/.well-known/jwks.json/x`)).status).toBe(404)
    expect((await fetch(`${app.url}/.well-known/`)).status).toBe(404)
  })
})
