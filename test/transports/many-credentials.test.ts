import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AccountsServer, openAccountsServer } from '../support/open-accounts-server.ts'
import { post, send, type TestAnswer } from '../support/http/requests.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { ada } from '../unit/accounts/open-accounts.ts'

let server: AccountsServer
beforeAll(async () => {
  server = await openAccountsServer()
  await server.accounts.signUp()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.accounts.hashing.length = 0
})

const guess = (n: number) =>
  `signIn(input: { email: "${ada.email}", password: "guess ${n}", delivery: TOKENS }) { __typename }`
const numbered = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')
const aliased = (count: number) => numbered(count, (n) => `a${n}: ${guess(n)}`)

/** Ways to have a thousand guesses, or two, made in one request, and the codes that each is refused with. */
const operations: readonly (readonly [name: string, query: string, codes: string])[] = [
  ['a thousand aliases', `mutation { ${aliased(1000)} }`, 'PAYLOAD_TOO_LARGE'],
  [
    'a thousand aliases of one variable',
    `mutation ($i: SignInInput!) { ${numbered(1000, (n) => `a${n}: signIn(input: $i) { __typename }`)} }`,
    'OPERATION_TOO_COSTLY',
  ],
  ['as many aliases as are allowed', `mutation { ${aliased(15)} }`, 'TOO_MANY_CREDENTIAL_FIELDS'],
  ['two', `mutation { ${aliased(2)} }`, 'TOO_MANY_CREDENTIAL_FIELDS'],
  ['one field twice', `mutation { ${guess(0)} ${guess(0)} }`, 'TOO_MANY_CREDENTIAL_FIELDS'],
  [
    'ten in a fragment that is spread a hundred times',
    `mutation { ${numbered(100, () => '...F')} } fragment F on Mutation { ${aliased(10)} }`,
    'TOO_MANY_CREDENTIAL_FIELDS OPERATION_TOO_COSTLY',
  ],
  [
    'fragments in fragments',
    `mutation { ...A ...B } fragment A on Mutation { ...C } fragment B on Mutation { b: ${guess(1)} } fragment C on Mutation { c: ${guess(2)} }`,
    'TOO_MANY_CREDENTIAL_FIELDS',
  ],
  [
    'inline fragments',
    `mutation { ... on Mutation { a: ${guess(1)} } ... @include(if: true) { b: ${guess(2)} } }`,
    'TOO_MANY_CREDENTIAL_FIELDS',
  ],
  [
    'a way in beside another',
    `mutation { ${guess(1)} verifyEmail(token: "guess") { __typename } }`,
    'TOO_MANY_CREDENTIAL_FIELDS',
  ],
]

type Answer = ReturnType<TestAnswer['json']>

/** What an operation answers over each transport that takes mutations. */
const transports: Readonly<Record<string, (query: string) => Promise<Answer>>> = {
  HTTP: async (query) => (await post(server.port, { query })).json(),
  'server-sent events': async (query) => {
    const { body } = await post(server.port, { query }, { accept: 'text/event-stream' })
    return JSON.parse(/^data: (.+)$/m.exec(body)?.[1] ?? '') as Answer // the first `next`
  },
  polling: async (query) =>
    (await post(server.port, { query }, { accept: 'application/vnd.millrace.poll+json' })).json(),
  WebSocket: async (query) => {
    const raw = await openAcknowledged(server.url)
    raw.send({ id: '1', type: 'subscribe', payload: { query } })
    const { type, payload } = await raw.next()
    raw.socket.close()
    return (type === 'error' ? { errors: payload } : payload) as Answer // by the protocol
  },
}

describe.each(Object.entries(transports))('one request over %s with many credentials', (_, ask) => {
  it.each(operations)('has none of them tried: %s', async (_name, query, codes) => {
    const answer = await ask(query)
    expect(answer.data).toBeUndefined()
    expect(answer.errors?.map(({ extensions }) => extensions['code']).join(' ')).toBe(codes)
    expect(server.accounts.hashing).toEqual([])
  })

  it('has one of them tried', async () => {
    expect(JSON.stringify(await ask(`mutation { ${guess(1)} signOut }`))).toContain('InvalidCredentialsError')
    expect(server.accounts.hashing).toHaveLength(1)
  })
})

describe('a request', () => {
  it('cannot hold several operations, nor name one that the server keeps', async () => {
    const query = `mutation { ${guess(1)} }`
    const headers = { 'content-type': 'application/json' }
    const hash = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } }
    for (const body of [[{ query }, { query }], { extensions: hash }, { id: 'known', variables: {} }]) {
      const answer = await send(server.port, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([answer.status, answer.json().errors?.[0]?.extensions['code']]).toEqual([400, 'BAD_REQUEST'])
    }
    expect(server.accounts.hashing).toEqual([])
  })
})

describe('a socket with many operations', () => {
  it('has no more attempts than as many requests would have', async () => {
    await using limited = await openAccountsServer({ limiters: {} })
    await limited.accounts.signUp()
    limited.accounts.hashing.length = 0
    const raw = await openAcknowledged(limited.url)
    const types: string[] = []
    for (let n = 0; n < 50; n += 1) {
      raw.send({ id: String(n), type: 'subscribe', payload: { query: `mutation { ${guess(n)} }` } })
    }
    while (types.length < 50) {
      const { type, payload } = await raw.next()
      if (type === 'next') types.push(JSON.stringify(payload))
    }
    raw.socket.close()
    // Five failures of one account from one network, then it has to wait.
    expect(limited.accounts.hashing).toHaveLength(5)
    expect(types.filter((text) => text.includes('RateLimitedError'))).toHaveLength(45)
  })
})
