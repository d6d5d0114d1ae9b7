import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post, send, type TestAnswer } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor()
})
afterAll(() => server[Symbol.asyncDispose]())

const responseJson = { accept: 'application/graphql-response+json' }

function firstError(answer: TestAnswer) {
  const [error] = answer.json().errors ?? []
  return { status: answer.status, message: error?.message, code: error?.extensions['code'] }
}

describe('an operation over HTTP', () => {
  it('is answered to a POST of JSON', async () => {
    const answer = await post(server.port, { query: 'query ($n: String) { hello(name: $n) }', variables: { n: 'Ada' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json()).toEqual({ data: { hello: 'Hello, Ada!' } })
  })

  it('is answered to a GET', async () => {
    const answer = await send(server.port, { path: '/graphql?query=%7Bhello%7D' })
    expect(answer.json()).toEqual({ data: { hello: 'Hello, world!' } })
  })

  it('chooses the named operation', async () => {
    const query = 'query A { hello(name: "A") } query B { hello(name: "B") }'
    const answer = await post(server.port, { query, operationName: 'B' })
    expect(answer.json()).toEqual({ data: { hello: 'Hello, B!' } })
  })

  it('never runs a mutation that came by GET', async () => {
    const before = await post(server.port, { query: 'mutation { touch }' })
    const answer = await send(server.port, { path: '/graphql?query=mutation%7Btouch%7D' })
    expect(firstError(answer)).toEqual({
      status: 405,
      message: 'A mutation cannot be sent this way; use POST.',
      code: 'METHOD_NOT_ALLOWED',
    })
    const after = await post(server.port, { query: 'mutation { touch }' })
    expect(after.json().data).toEqual({ touch: Number(Object.values(before.json().data ?? {})[0]) + 1 })
  })

  it('is refused when it is a subscription, which has transports of its own', async () => {
    const answer = await post(server.port, { query: 'subscription { ticks }' })
    expect(firstError(answer)).toEqual({
      status: 400,
      message:
        'A subscription is answered as text/event-stream, as application/vnd.millrace.poll+json or over WebSocket.',
      code: 'BAD_REQUEST',
    })
  })

  it('is refused in a batch', async () => {
    const answer = await post(server.port, [{ query: '{ hello }' }, { query: '{ hello }' }])
    expect(firstError(answer)).toEqual({
      status: 400,
      message: 'Several operations in one request are not supported: send one object.',
      code: 'BAD_REQUEST',
    })
  })

  it('is refused above 1,000 tokens without being parsed to the end', async () => {
    const answer = await post(server.port, { query: `{ ${'hello '.repeat(1001)} }` })
    expect(firstError(answer)).toEqual({
      status: 400,
      message: 'The operation has more than 1000 tokens.',
      code: 'OPERATION_TOO_COSTLY',
    })
  })

  it('is refused by a further validation rule with that rule’s code', async () => {
    const aliases = Array.from({ length: 16 }, (_, i) => `a${i}: hello`).join(' ')
    const answer = await post(server.port, { query: `{ ${aliases} }` })
    expect(firstError(answer)).toMatchObject({ status: 400, code: 'OPERATION_TOO_COSTLY' })
  })

  it('runs without a port for whoever the facts show', async () => {
    const facts = {
      requestId: 'r1',
      credentials: { apiKey: null, bearer: 'alice-token', sessionCookie: null, deviceCookie: null },
      client: { ip: null, userAgent: null, device: null, requestId: null },
      sessionCookie: null,
      deviceCookie: null,
      retryAfter: null,
    }
    const operation = { method: 'POST', params: { query: '{ me }' }, mediaType: 'application/json' } as const
    expect(await server.door.run(operation, facts)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"data":{"me":"alice"}}',
    })
    const refused = await server.door.run(operation, { ...facts, credentials: { ...facts.credentials, bearer: 'no' } })
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toBe('Bearer')
  })
})

describe('who is asking', () => {
  it.each([
    ['a bearer token', { authorization: 'Bearer alice-token' }],
    ['a bearer token whose scheme is in lower case', { authorization: 'bearer alice-token' }],
    ['an API key', { 'x-api-key': 'alice-key' }],
    ['the session cookie', { cookie: 'theme=dark; millrace=alice-cookie', origin: 'own' }],
  ])('is known by %s', async (_, headers) => {
    const own = 'origin' in headers ? { ...headers, origin: server.address.publicUrl() } : headers
    const answer = await post(server.port, { query: '{ me }' }, own)
    expect(answer.json()).toEqual({ data: { me: 'alice' } })
  })

  it('is nobody, who is told why, with the cookie of a session that has ended', async () => {
    const headers = { cookie: 'millrace=old', 'sec-fetch-site': 'same-origin' }
    expect((await post(server.port, { query: '{ me }' }, headers)).json()).toEqual({ data: { me: 'SESSION_REVOKED' } })
  })

  it.each([
    ['an unknown bearer token', { authorization: 'Bearer mallory' }, 401, 'The credential is not valid.'],
    [
      'a scheme other than Bearer',
      { authorization: 'Basic YTpi' },
      401,
      'The header Authorization must read "Bearer" and a token.',
    ],
    [
      'a bearer without a token',
      { authorization: 'Bearer ' },
      401,
      'The header Authorization must read "Bearer" and a token.',
    ],
    ['an empty API key', { 'x-api-key': '' }, 401, 'The header x-api-key does not hold an API key.'],
    [
      'a bad bearer beside a good cookie',
      { authorization: 'Bearer x', cookie: 'millrace=alice-cookie', 'sec-fetch-site': 'same-origin' },
      401,
      'The credential is not valid.',
    ],
    [
      'two bearer tokens',
      { authorization: ['Bearer alice-token', 'Bearer bob-token'] },
      400,
      'The header authorization was sent more than once.',
    ],
    ['two API keys', { 'x-api-key': ['alice-key', 'bob-key'] }, 400, 'The header x-api-key was sent more than once.'],
    [
      'two session cookies',
      { cookie: 'millrace=alice-cookie; millrace=bob-cookie' },
      400,
      'The cookie millrace was sent more than once.',
    ],
  ])('is refused before anything runs with %s', async (_, headers, status, message) => {
    const answer = await post(server.port, { query: 'mutation { touch }' }, { ...responseJson, ...headers })
    expect({ status: answer.status, message: answer.json().errors?.[0]?.message }).toEqual({ status, message })
    expect(answer.headers['content-type']).toContain('application/graphql-response+json')
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
  })
})

describe('the session cookie', () => {
  it('is set on plain http without the prefix that needs https', async () => {
    const answer = await post(server.port, { query: 'mutation { signIn(cookie: "alice-cookie") }' })
    const [line = ''] = answer.headers['set-cookie'] ?? []
    expect(answer.headers['set-cookie']).toHaveLength(1)
    expect(line).toMatch(
      /^millrace=alice-cookie; Max-Age=3(600|599); Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/,
    )
  })

  it('is Secure and bound to the host on https', async () => {
    await using secure = await openTestDoor({ publicUrl: 'https://api.example.com' })
    const answer = await post(secure.port, { query: 'mutation { signIn(cookie: "alice-cookie") }' })
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^__Host-millrace=.*; Path=\/; .*; HttpOnly; Secure; SameSite=Lax$/,
    )
    const headers = { cookie: '__Host-millrace=alice-cookie', 'sec-fetch-site': 'same-origin' }
    expect((await post(secure.port, { query: '{ me }' }, headers)).json()).toEqual({ data: { me: 'alice' } })
    const wrongName = { cookie: 'millrace=alice-cookie', 'sec-fetch-site': 'same-origin' }
    expect((await post(secure.port, { query: '{ me }' }, wrongName)).json()).toEqual({ data: { me: null } })
  })

  it('is cleared by sign-out, and of several the last call counts', async () => {
    const out = await post(server.port, { query: 'mutation { signOut }' })
    expect(out.headers['set-cookie']).toEqual([
      'millrace=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ])
    const both = await post(server.port, { query: 'mutation { signOut signIn(cookie: "alice-cookie") }' })
    expect(both.headers['set-cookie']).toHaveLength(1)
    expect(both.headers['set-cookie']?.[0]).toContain('millrace=alice-cookie')
  })
})

describe('the client', () => {
  it('is known by its address and its user agent, cut at 256 characters', async () => {
    const answer = await post(server.port, { query: '{ client }' }, { 'user-agent': 'x'.repeat(300) })
    expect(answer.json()).toEqual({
      data: { client: JSON.stringify({ ip: '127.0.0.1', userAgent: 'x'.repeat(256) }) },
    })
  })

  it('cannot choose its address', async () => {
    const answer = await post(server.port, { query: '{ client }' }, { 'x-forwarded-for': '198.51.100.7' })
    expect(answer.json()).toEqual({ data: { client: '{"ip":"127.0.0.1","userAgent":null}' } })
  })

  it('is told by a trusted proxy', async () => {
    await using proxied = await openTestDoor({ trustedProxies: ['127.0.0.0/8'] })
    const answer = await post(proxied.port, { query: '{ client }' }, { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' })
    expect(answer.json()).toEqual({ data: { client: '{"ip":"198.51.100.7","userAgent":null}' } })
  })
})
