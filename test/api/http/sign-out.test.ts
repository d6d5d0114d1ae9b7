import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app.ts'
import { openBrowserClient, signUpWithCookie } from '../../support/http/browser-client.ts'
import { send } from '../../support/http/requests.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { signUpAt } from '../../support/signed-in.ts'

let app: App
let port: number
beforeAll(async () => {
  app = await openTestApp()
  port = Number(new URL(app.url).port)
})
afterAll(() => app[Symbol.asyncDispose]())

const route = { method: 'POST', path: '/auth/sign-out' }
const me = { query: '{ me { id } }' }

async function signedIn(name: string) {
  const client = openBrowserClient(port)
  expect((await signUpWithCookie(client, name)).json()).toEqual({ data: { signUp: { __typename: 'SignInSuccess' } } })
  return client
}

describe('signing out by the route', () => {
  it('ends the session, clears the cookie, and has the browser forget what it keeps for this server', async () => {
    const client = await signedIn('ada')
    const { cookie } = client
    const answer = await client.send(route)
    expect(answer.status).toBe(204)
    expect(answer.body).toBe('')
    expect(answer.headers['clear-site-data']).toBe('"cookies", "storage"')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['set-cookie']).toEqual([
      'millrace=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ])
    const stolen = await client.post(me, { cookie })
    expect([stolen.status, stolen.json().errors?.[0]?.extensions['code']]).toEqual([401, 'SESSION_REVOKED'])
  })

  it('answers the same where nobody is signed in, and where the session is over already', async () => {
    const client = await signedIn('bob')
    const { cookie } = client
    const first = await client.send(route)
    for (const again of [await client.send(route), await client.send({ ...route, headers: { cookie } })]) {
      expect(again.status).toBe(204)
      expect(again.headers['clear-site-data']).toBe(first.headers['clear-site-data'])
      expect(again.headers['set-cookie']).toEqual(first.headers['set-cookie'])
    }
  })

  it('ends the session of a token, too', async () => {
    const { headers } = await signUpAt(app.url, 'cora')
    expect((await send(port, { ...route, headers })).status).toBe(204)
    expect((await openBrowserClient(port).post(me, headers)).status).toBe(401)
  })

  it('cannot be done by a page of another site, nor by a link', async () => {
    const client = await signedIn('dora')
    const form = 'application/x-www-form-urlencoded'
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'content-type': form }
    const refused = await client.send({ ...route, headers: foreign, body: 'a=b' })
    expect([refused.status, refused.json().errors?.[0]?.extensions['code']]).toEqual([403, 'CSRF_REFUSED'])
    const link = await client.send({ path: route.path, headers: { 'sec-fetch-mode': 'navigate' } })
    expect([link.status, link.headers.allow]).toEqual([405, 'POST'])
    for (const answer of [refused, link]) expect(answer.headers).not.toHaveProperty('clear-site-data')
    expect((await client.post(me)).status).toBe(200)
  })

  it('can be done by a plain form of the server’s own page', async () => {
    const client = await signedIn('eve')
    const headers = { origin: app.url, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await client.send({ ...route, headers, body: 'x'.repeat(100_000) })).status).toBe(204)
    expect(client.cookie).not.toContain('millrace=ses')
  })
})

describe('answers about accounts', () => {
  it('are never kept by a cache, whatever they say', async () => {
    const client = openBrowserClient(port)
    const wrong = { email: 'ada@example.com', password: 'wrong', delivery: 'COOKIE' }
    const signIn = {
      query: 'mutation ($i: SignInInput!) { signIn(input: $i) { __typename } }',
      variables: { i: wrong },
    }
    const answers = [
      await signUpWithCookie(client, 'fay'),
      await client.post(signIn),
      await client.post(me),
      await client.send({ path: `/graphql?query=${encodeURIComponent(me.query)}` }),
      await client.post({ query: 'mutation { signOut }' }),
      await client.post(me),
      await client.send(route),
      await client.send({ path: '/auth/oauth/unknown' }),
    ]
    expect(answers.map(({ headers }) => headers['cache-control'])).toEqual(answers.map(() => 'no-store'))
  })
})
