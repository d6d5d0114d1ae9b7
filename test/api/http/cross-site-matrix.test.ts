import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { multipart, post, send, type TestRequest } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

const friend = 'https://app.example.com'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor({ corsOrigins: [friend] })
})
afterAll(() => server[Symbol.asyncDispose]())

const touch = 'mutation { touch }'
const parts = [
  {
    name: 'operations',
    value: '{"query":"mutation ($f: Upload!) { touch ignoreUpload(file: $f) }","variables":{"f":null}}',
  },
  { name: 'map', value: '{"0":["variables.f"]}' },
  { name: '0', value: 'a,b', fileName: 'a.csv' },
]

/** Every way in which a page can send a mutation. */
const ways = {
  form: posted('application/x-www-form-urlencoded', `query=${encodeURIComponent(touch)}`),
  text: posted('text/plain', JSON.stringify({ query: touch })),
  json: posted('application/json', JSON.stringify({ query: touch })),
  multipart: posted('multipart/form-data; boundary=boundary', multipart(parts)),
  GET: { path: `/graphql?query=${encodeURIComponent(touch)}` },
} as const satisfies Record<string, TestRequest>

function posted(type: string, body: string | Uint8Array): TestRequest {
  return { method: 'POST', headers: { 'content-type': type }, body }
}

/** What a browser tells of the page; a program tells nothing. `own` is put in for the server's own origin. */
const senders = {
  'same-origin': { 'sec-fetch-site': 'same-origin', origin: 'own' },
  'same-site, a listed page': { 'sec-fetch-site': 'same-site', origin: friend },
  'same-site, another page': { 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' },
  'cross-site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'cross-site without an origin': { 'sec-fetch-site': 'cross-site' },
  'cross-site from a sandbox': { 'sec-fetch-site': 'cross-site', origin: 'null' },
  'cross-site in an old browser': { origin: 'https://evil.example' },
  none: { 'sec-fetch-site': 'none' },
  missing: {},
} as const satisfies Record<string, Facts>

interface Facts {
  readonly 'sec-fetch-site'?: string
  readonly origin?: string
}

type Sender = keyof typeof senders
type Row = readonly [sender: Sender, ...statuses: number[]]

/** The status of each way, in the order above. Only 200 has run anything. */
const withCookie: readonly Row[] = [
  ['same-origin', 415, 415, 200, 200, 405],
  ['same-site, a listed page', 415, 415, 200, 200, 405],
  ['same-site, another page', 403, 403, 403, 403, 405],
  ['cross-site', 403, 403, 403, 403, 405],
  ['cross-site without an origin', 403, 403, 403, 403, 405],
  ['cross-site from a sandbox', 403, 403, 403, 403, 405],
  ['cross-site in an old browser', 403, 403, 403, 403, 405],
  ['none', 403, 403, 200, 403, 405],
  ['missing', 403, 403, 403, 403, 405],
]

/** Without a cookie programs may, too; a file is for who is signed in. */
const withoutCookie: readonly Row[] = [
  ['same-origin', 415, 415, 200, 401, 405],
  ['same-site, a listed page', 415, 415, 200, 401, 405],
  ['same-site, another page', 403, 403, 403, 403, 405],
  ['cross-site', 403, 403, 403, 403, 405],
  ['cross-site without an origin', 403, 403, 403, 403, 405],
  ['cross-site from a sandbox', 403, 403, 403, 403, 405],
  ['cross-site in an old browser', 403, 403, 403, 403, 405],
  ['none', 415, 415, 200, 401, 405],
  ['missing', 415, 415, 200, 401, 405],
]

/** How often the mutation has run, this time included. */
async function touched(): Promise<number> {
  const { data } = (await post(server.port, { query: touch })).json()
  return (data as { touch: number }).touch
}

async function statusOf(way: TestRequest, sender: Sender, cookie: boolean): Promise<number> {
  const { origin, ...site }: Facts = senders[sender]
  const answer = await send(server.port, {
    ...way,
    headers: {
      ...way.headers,
      ...site,
      ...(origin !== undefined && { origin: origin === 'own' ? server.address.publicUrl() : origin }),
      ...(cookie && { cookie: 'millrace=alice-cookie' }),
    },
  })
  return answer.status
}

describe.each([
  ['with the cookie of its visitor', withCookie, true],
  ['without a cookie', withoutCookie, false],
])('a mutation %s', (_, rows, cookie) => {
  const cases = rows.map(([sender, ...expected]) => ({ sender, expected }))

  it.each(cases)('from $sender is answered by its way of coming, and has run where that is 200', async (one) => {
    const { sender, expected } = one
    const statuses: number[] = []
    for (const way of Object.values(ways)) {
      const before = await touched()
      const status = await statusOf(way, sender, cookie)
      statuses.push(status)
      expect(await touched()).toBe(before + (status === 200 ? 2 : 1))
    }
    expect(statuses).toEqual(expected)
  })

  it('is looked at from every kind of sender', () => {
    expect(rows.map(([sender]) => sender)).toEqual(Object.keys(senders))
  })
})
