import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app.ts'
import { type BrowserClient, openBrowserClient, signUpWithCookie } from '../../support/http/browser-client.ts'
import { send } from '../../support/http/requests.ts'
import { openTestApp } from '../../support/open-test-app.ts'

let app: App
let port: number
let client: BrowserClient
beforeAll(async () => {
  app = await openTestApp()
  port = Number(new URL(app.url).port)
  client = openBrowserClient(port)
  await signUpWithCookie(client, 'ada')
})
afterAll(() => app[Symbol.asyncDispose]())

const credentials = `input: { email: "ada@example.com", password: "violet hum table 7" }`
const mutations = [
  `mutation { signIn(${credentials}) { __typename } }`,
  'mutation { signOut }',
  'mutation { revokeOtherSessions }',
  'query A { __typename } mutation { signOut }',
]

/** Everything of this server that a link can lead to, but for the way to a provider and back. */
const paths = [
  ...mutations.map((query) => `/graphql?query=${encodeURIComponent(query)}`),
  `/graphql?operationName=B&query=${encodeURIComponent('query A { __typename } mutation B { signOut }')}`,
  '/auth/sign-out',
  '/auth/sign-in',
  '/auth/',
  '/artifacts/art_01h455vb4pex5vsknk084sn02q',
  '/.well-known/jwks.json',
  '/livez',
  '/readyz',
  '/metrics',
  '/',
]

describe('following a link to this server', () => {
  it.each(paths.flatMap((path) => ['GET', 'HEAD'].map((method) => [method, path])))(
    'starts no session and ends none: %s %s',
    async (method, path) => {
      for (const accept of ['*/*', 'text/html', 'text/event-stream', 'application/vnd.millrace.poll+json']) {
        const headers = { cookie: client.cookie, accept, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
        const answer = await send(port, { method, path, headers })
        expect(answer.headers).not.toHaveProperty('set-cookie')
        expect(answer.headers).not.toHaveProperty('clear-site-data')
      }
      const { data } = (await client.post({ query: '{ sessions { current } }' })).json()
      expect(data).toEqual({ sessions: [{ current: true }] })
    },
  )
})
