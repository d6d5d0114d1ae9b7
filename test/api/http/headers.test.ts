import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeRaw, post, send } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor()
})
afterAll(() => server[Symbol.asyncDispose]())

const safety = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
const everywhere = { ...safety, vary: 'Origin' }

describe('every answer', () => {
  it.each([
    [
      'an operation',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ hello }"}' },
      200,
    ],
    ['a refusal', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }, 400],
    ['an unknown path', { path: '/nothing' }, 404],
    ['an unknown method', { method: 'DELETE' }, 405],
    ['a health check', { path: '/livez' }, 200],
    ['a preflight', { method: 'OPTIONS' }, 204],
    ['doubled headers', { headers: { origin: ['http://a', 'http://b'] } }, 400],
  ])('carries the headers of safety and a request id: %s', async (_, request, status) => {
    const answer = await send(server.port, request)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject(everywhere)
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers).not.toHaveProperty('server')
    expect(answer.headers).not.toHaveProperty('x-powered-by')
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  })

  it('has an id of its own, whatever id the request came with', async () => {
    const headers = { 'x-request-id': 'chosen' }
    const ids = await Promise.all(
      [1, 2].map(async () => (await send(server.port, { headers })).headers['x-request-id']),
    )
    expect(new Set([...ids, 'chosen']).size).toBe(3)
  })

  it('asks for https in future where the server is reached over https', async () => {
    await using secure = await openTestDoor({ publicUrl: 'https://api.example.com' })
    const answer = await send(secure.port, { path: '/livez' })
    expect(answer.headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains')
  })

  it('is given even to what is not HTTP', async () => {
    const answer = await exchangeRaw(server.port, 'hello\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}\r\n/)
    expect(answer).toContain('"code":"BAD_REQUEST"')
    for (const [name, value] of Object.entries(safety)) expect(answer).toContain(`\r\n${name}: ${value}\r\n`)
  })

  it('to an upgrade that is refused carries the headers of safety, too', async () => {
    const upgrade = (path: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${more}\r\n`
    await using secure = await openTestDoor({ publicUrl: 'https://api.example.com' })
    for (const [path, more, status] of [
      ['/other', '', 404],
      ['/graphql', 'authorization: Basic x\r\n', 401],
    ] as const) {
      const answer = await exchangeRaw(server.port, upgrade(path, more))
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*\r\nx-request-id: [0-9a-f-]{36}\r\n`, 's'))
      for (const [name, value] of Object.entries(safety)) expect(answer).toContain(`\r\n${name}: ${value}\r\n`)
      expect(answer).not.toContain('strict-transport-security')
      expect(await exchangeRaw(secure.port, upgrade(path, more))).toContain(
        'strict-transport-security: max-age=63072000',
      )
    }
  })
})

describe('an error of ours', () => {
  it('is told by its request id only, which the log has with the real error', async () => {
    const answer = await post(server.port, { query: '{ boom }' })
    const requestId = String(answer.headers['x-request-id'])
    expect(answer.json()).toMatchObject({
      data: { boom: null },
      errors: [
        {
          message: `Something went wrong on our side. Quote the request id ${requestId} when you report it.`,
          path: ['boom'],
          extensions: { code: 'INTERNAL', requestId },
        },
      ],
    })
    expect(answer.body).not.toContain('SQLITE')
    const lines = server.logger.lines.filter(({ fields }) => 'requestId' in fields && fields.requestId === requestId)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.fields).toMatchObject({ err: { message: 'SQLITE_BUSY at /srv/secret/path.ts' } })
  })

  it.each(['mustBoom', 'colour'])('is masked in %s, too', async (field) => {
    const answer = await post(server.port, { query: `{ ${field} }` })
    expect(answer.json().errors?.[0]?.extensions['code']).toBe('INTERNAL')
    expect(answer.body).not.toContain('inner')
  })
})

describe('a refusal in an operation', () => {
  const modern = { accept: 'application/graphql-response+json' }

  it('is a plain 200 beside other data', async () => {
    const answer = await post(server.port, { query: '{ hello refused }' }, modern)
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({
      data: { hello: 'Hello, world!', refused: null },
      errors: [{ message: 'You may not.', extensions: { code: 'INSUFFICIENT_SCOPE' } }],
    })
    expect(answer.body).not.toContain('http')
  })

  it('has its own status when it is the whole answer', async () => {
    expect((await post(server.port, { query: '{ missing }' }, modern)).status).toBe(404)
    expect((await post(server.port, { query: '{ missing }' })).status).toBe(200)
  })

  it('says in a header when to come back', async () => {
    const answer = await post(server.port, { query: '{ limited }' }, modern)
    expect(answer.status).toBe(429)
    expect(answer.headers['retry-after']).toBe('13')
    expect(answer.json().errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: 12.3 })
  })
})

describe('what GraphQL says of an operation', () => {
  it.each([
    ['{', 'GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name, found <EOF>.'],
    ['{ helo }', 'GRAPHQL_VALIDATION_FAILED', 'Cannot query field "helo" on type "Query". Did you mean "hello"?'],
    [
      'query A { hello } query B { hello }',
      'BAD_REQUEST',
      'The document must have one operation, or `operationName` must say which.',
    ],
    [
      'query ($p: Paint!) { paint(with: $p) }',
      'BAD_REQUEST',
      'Variable "$p" of required type "Paint!" was not provided.',
    ],
  ])('is passed on: %s', async (query, code, message) => {
    const answer = await post(server.port, { query })
    expect(answer.json().errors).toMatchObject([{ message, extensions: { code } }])
    const again = await post(server.port, { query }, { accept: 'application/graphql-response+json' })
    expect(again.status).toBe(400)
    expect(again.json()).toEqual(answer.json())
  })
})

describe('the schema', () => {
  const introspection = '{ __schema { queryType { name } } }'

  it('is open to everyone where GraphiQL is on', async () => {
    const answer = await post(server.port, { query: introspection })
    expect(answer.json()).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } })
  })

  it('is closed to strangers where GraphiQL is off, suggestions included', async () => {
    await using closed = await openTestDoor({ graphiql: false })
    const paint = { query: 'query ($p: Paint!) { paint(with: $p) }', variables: { p: { color: 'RED' } } }
    for (let round = 0; round < 2; round++) {
      // Twice in turns, so that what is cached for one kind of caller shows up with the other.
      const hidden = await post(closed.port, { query: introspection })
      expect(hidden.json().errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED')
      for (const operation of [{ query: '{ helo }' }, paint, { query: '{ paint(with: { color: RED }) }' }]) {
        const stranger = await post(closed.port, operation)
        expect(stranger.json().errors).toBeDefined()
        expect(stranger.body).not.toContain('Did you mean')
        const known = await post(closed.port, operation, { authorization: 'Bearer alice-token' })
        expect(known.body).toContain('Did you mean')
      }
      const open = await post(closed.port, { query: introspection }, { authorization: 'Bearer alice-token' })
      expect(open.json()).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } })
      expect((await post(closed.port, { query: '{ __typename }' })).json()).toEqual({ data: { __typename: 'Query' } })
    }
  })
})
