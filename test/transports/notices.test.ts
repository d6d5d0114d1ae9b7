import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { codeAt } from '../support/authenticator-app.ts'
import type { Answer } from '../support/clients/stream-client.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { openRawSse } from '../support/raw-sse.ts'
import { signInAt, signUpAt, type SignedInUser } from '../support/signed-in.ts'

type Headers = Readonly<Record<string, string>>

const query = '{ notices { id text } }'
const watch = 'subscription { notices { __typename ... on NoticesSnapshot { notices { id text } } } }'
const publish = `mutation { publishNotice(text: "Down.") { ... on NoticeAccepted { notice { id } } ... on Error { code } } }`
const withdraw = 'mutation ($id: ID!) { withdrawNotice(id: $id) }'

let app: App
/** Of the one notice that is in force. */
let noticeId: string
const credentials: Record<string, Headers> = { 'somebody who is not signed in': {} }

/** Sets up a second factor, and gives the token of the session that was renewed by it. */
async function enrol(user: SignedInUser): Promise<Headers> {
  const { enrollTotp } = await user.request<{ enrollTotp: { secret: string } }>(
    'mutation { enrollTotp { ... on TotpEnrolment { secret } } }',
  )
  const { confirmTotp } = await user.request<{ confirmTotp: { renewed: { tokens: { accessToken: string } } } }>(
    `mutation ($code: String!) {
      confirmTotp(code: $code) { ... on TotpConfirmed { renewed { tokens { accessToken } } } }
    }`,
    { code: codeAt(enrollTotp.secret, Date.now()) },
  )
  return { authorization: `Bearer ${confirmTotp.renewed.tokens.accessToken}` }
}

async function run(headers: Headers, source: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: source, variables }),
  })
  return (await response.json()) as Answer // an answer of our own server
}

async function newKey(by: Headers, scopes: readonly string[]): Promise<Headers> {
  const { data } = await run(
    by,
    'mutation ($scopes: [Scope!]!) { createApiKey(input: { name: "k", scopes: $scopes }) { ... on ApiKeyIssued { key } } }',
    { scopes },
  )
  return { 'x-api-key': (data as { createApiKey: { key: string } }).createApiKey.key } // as it was asked for
}

async function firstOverSse(headers: Headers): Promise<Answer> {
  const body = JSON.stringify({ query: watch })
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
  const stream = await openRawSse(`${app.url}/graphql`, init)
  const isStream = stream.response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? (await stream.nextEvent())['data'] : await stream.response.text()
  stream.close()
  return JSON.parse(text ?? '') as Answer // an answer of our own server
}

function firstOverWs(headers: Headers): Promise<Answer> {
  const url = `${app.url.replace('http', 'ws')}/graphql`
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { ...headers }, retryAttempts: 0 })
  const first = new Promise<Answer>((resolve, reject) => {
    client.subscribe(
      { query: watch },
      {
        next: (answer) => resolve(answer as Answer), // an answer of our own server
        error: (reason) => (Array.isArray(reason) ? resolve({ errors: reason }) : reject(reason)),
        complete: () => reject(new Error('Nothing was told.')),
      },
    )
  })
  return first.finally(() => void client.dispose())
}

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions?.['code'] ?? 'ok'

beforeAll(async () => {
  app = await openTestApp({ requireMfa: 'all', channels: readConfig({}).channels })
  const root = await enrol(await signUpAt(app.url, 'root', app.setupToken))
  credentials['an administrator'] = root
  credentials['a user'] = await enrol(await signUpAt(app.url, 'ada'))
  credentials['a user who must set up a second factor'] = (await signUpAt(app.url, 'bob')).headers
  const late = await signUpAt(app.url, 'late')
  const { me } = await late.request<{ me: { id: string } }>('{ me { id } }')
  const roles = 'mutation ($id: ID!) { setUserRoles(id: $id, roles: [USER, ADMIN]) { __typename } }'
  expect(codeOf(await run(root, roles, me))).toBe('ok')
  credentials['an administrator who must set up a second factor'] = (await signInAt(app.url, late)).headers
  credentials['a key that may read channels'] = await newKey(root, ['CHANNELS_READ'])
  credentials['a key that may publish on channels'] = await newKey(root, ['CHANNELS_PUBLISH'])
  credentials['a key with the scope of administrators'] = await newKey(root, ['ADMIN'])
  credentials['a key with all about channels and of administrators'] = await newKey(root, [
    'CHANNELS_READ',
    'CHANNELS_PUBLISH',
    'ADMIN',
  ])
  const { data } = await run(root, publish)
  noticeId = (data as { publishNotice: { notice: { id: string } } }).publishNotice.notice.id // as it was asked for
})
afterAll(() => app[Symbol.asyncDispose]())

describe('the notices of a whole server', () => {
  const notSignedIn = { reading: 'UNAUTHENTICATED', changing: 'UNAUTHENTICATED' }
  const enrolFirst = { reading: 'MFA_ENROLMENT_REQUIRED', changing: 'MFA_ENROLMENT_REQUIRED' }

  it.each([
    ['somebody who is not signed in', notSignedIn],
    ['a user', { reading: 'ok', changing: 'INSUFFICIENT_SCOPE' }],
    ['a user who must set up a second factor', enrolFirst],
    ['an administrator who must set up a second factor', enrolFirst],
    ['a key that may read channels', { reading: 'ok', changing: 'FORBIDDEN' }],
    ['a key that may publish on channels', { reading: 'INSUFFICIENT_SCOPE', changing: 'FORBIDDEN' }],
    ['a key with the scope of administrators', { reading: 'INSUFFICIENT_SCOPE', changing: 'FORBIDDEN' }],
    ['a key with all about channels and of administrators', { reading: 'ok', changing: 'FORBIDDEN' }],
  ] as const)('answer %s as was decided, and are as they were', async (who, { reading, changing }) => {
    const headers = credentials[who]
    if (headers === undefined) throw new TypeError(`Nobody is called ${who}.`)
    const asked = await run(headers, query)
    const told = [await firstOverSse(headers), await firstOverWs(headers)]
    const changed = [await run(headers, publish), await run(headers, withdraw, { id: noticeId })]
    expect([asked, ...told].map(codeOf)).toEqual([reading, reading, reading])
    expect(changed.map(codeOf)).toEqual([changing, changing])
    const notices = [{ id: noticeId, text: 'Down.' }]
    const snapshot = { notices: { __typename: 'NoticesSnapshot', notices } }
    const all = [{ notices }, snapshot, snapshot]
    // A refusal has no data, or the field without a value.
    expect([asked, ...told].map(({ data }) => data ?? null)).toEqual(reading === 'ok' ? all : [null, null, null])
    expect(await run(credentials['an administrator'] ?? {}, query)).toMatchObject({ data: { notices } })
  })

  it('are changed by an administrator in a session', async () => {
    const root = credentials['an administrator'] ?? {}
    const { data } = await run(root, publish)
    const { id } = (data as { publishNotice: { notice: { id: string } } }).publishNotice.notice // as it was asked for
    expect(await run(root, withdraw, { id })).toMatchObject({ data: { withdrawNotice: true } })
    expect(await firstOverSse(root)).toMatchObject({ data: { notices: { notices: [{ id: noticeId }] } } })
  })
})
