import { describe, expect, it } from 'vitest'
import { openTestApp } from '../../support/open-test-app.ts'
import { signUpAt } from '../../support/signed-in.ts'

const createApiKey = `mutation {
  createApiKey(input: { name: "a program", scopes: [ACCOUNT_READ] }) { ... on ApiKeyIssued { key } }
}`

describe('an API key', () => {
  it('is taken from headers, and from nowhere else', async () => {
    await using app = await openTestApp()
    const user = await signUpAt(app.url, 'ada')
    const { createApiKey: issued } = await user.request<{ createApiKey: { key: string } }>(createApiKey)
    const { key } = issued
    const ask = async (init: RequestInit & { readonly search?: string }) => {
      const query = encodeURIComponent('{ me { email } }')
      const response = await fetch(`${app.url}/graphql?query=${query}${init.search ?? ''}`, init)
      return [response.status, (await response.text()).includes('ada@example.com')]
    }
    expect(await ask({ headers: { 'x-api-key': key } })).toEqual([200, true])
    expect(await ask({ headers: { authorization: `Bearer ${key}` } })).toEqual([200, true])
    for (const name of ['x-api-key', 'apiKey', 'api_key', 'key', 'token', 'access_token']) {
      expect(await ask({ search: `&${name}=${key}` })).toEqual([401, false])
    }
    for (const cookie of ['x-api-key', 'apiKey']) {
      expect(await ask({ headers: { cookie: `${cookie}=${key}` } })).toEqual([401, false])
    }
    expect(await ask({ headers: { authorization: `Basic ${btoa(`${key}:`)}` } })).toEqual([401, false])
    const body = JSON.stringify({ query: '{ me { email } }', extensions: { apiKey: key }, apiKey: key })
    const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    expect((await fetch(`${app.url}/graphql`, posted)).status).not.toBe(200)
    expect(await ask({ headers: { 'x-api-key': key }, search: `&x-api-key=nonsense` })).toEqual([200, true])
  })
})
