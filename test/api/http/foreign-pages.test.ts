import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { multipart, post, send } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

const friend = 'https://app.example.com'
const stranger = 'https://evil.example'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor({ corsOrigins: [friend] })
})
afterAll(() => server[Symbol.asyncDispose]())

const cookie = { cookie: 'millrace=alice-cookie' }
const touch = { query: 'mutation { touch }' }

function upload(headers: Readonly<Record<string, string>>) {
  const operations = JSON.stringify({
    query: 'mutation ($f: Upload!) { ignoreUpload(file: $f) }',
    variables: { f: null },
  })
  const body = multipart([
    { name: 'operations', value: operations },
    { name: 'map', value: '{"0":["variables.f"]}' },
    { name: '0', value: 'a,b', fileName: 'a.csv' },
  ])
  return send(server.port, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=boundary', ...headers },
    body,
  })
}

describe('a page of another site', () => {
  const foreign = { origin: stranger, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }

  it('cannot post with its visitor’s cookie, and nothing runs', async () => {
    const answer = await post(server.port, touch, { ...cookie, ...foreign })
    expect(answer.status).toBe(403)
    expect(answer.json().errors?.[0]).toMatchObject({ extensions: { code: 'CSRF_REFUSED' } })
    const own = await post(server.port, touch, { ...cookie, 'sec-fetch-site': 'same-origin' })
    expect(own.json().data).toEqual({ touch: 1 })
  })

  it('cannot sign its visitor in as somebody else, though no cookie goes along', async () => {
    const answer = await post(server.port, { query: 'mutation { signIn(cookie: "bob-cookie") }' }, foreign)
    expect(answer.status).toBe(403)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=b'])(
    'cannot send a form of type %s',
    async (type) => {
      const answer = await send(server.port, {
        method: 'POST',
        headers: { ...cookie, ...foreign, 'sec-fetch-mode': 'navigate', 'content-type': type },
        body: 'query=mutation%7Btouch%7D',
      })
      expect(answer.status).toBe(403)
    },
  )

  it('cannot upload', async () => {
    expect((await upload({ ...cookie, ...foreign })).status).toBe(403)
  })

  it('cannot read what it asks by GET', async () => {
    const answer = await send(server.port, { path: '/graphql?query={me}', headers: { ...cookie, ...foreign } })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
  })

  it('cannot open an event stream with the cookie', async () => {
    const headers = { ...cookie, ...foreign, accept: 'text/event-stream' }
    const answer = await send(server.port, { path: '/graphql?query=subscription{ticks}', headers })
    expect(answer.status).toBe(403)
    expect(server.streamed).toEqual([])
  })

  it('is not let through the preflight', async () => {
    const answer = await send(server.port, {
      method: 'OPTIONS',
      headers: {
        origin: stranger,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(answer.status).toBe(204)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.headers.vary).toBe('Origin')
  })
})

describe('a page of an allowed origin', () => {
  it('is let through the preflight', async () => {
    const answer = await send(server.port, {
      method: 'OPTIONS',
      headers: {
        origin: friend,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST',
      vary: 'Origin',
    })
    expect(answer.headers['access-control-allow-headers']).toContain('content-type')
  })

  it('may post with the cookie and read the answer', async () => {
    const headers = { ...cookie, origin: friend, 'sec-fetch-site': 'same-site' }
    const answer = await post(server.port, { query: '{ me }' }, headers)
    expect(answer.json()).toEqual({ data: { me: 'alice' } })
    expect(answer.headers['access-control-allow-origin']).toBe(friend)
    expect(answer.headers['access-control-expose-headers']).toBe('millrace-cursor, retry-after, x-request-id')
  })

  it('may read refusals, too', async () => {
    const answer = await send(server.port, { path: '/nothing', headers: { origin: friend } })
    expect(answer.status).toBe(404)
    expect(answer.headers['access-control-allow-origin']).toBe(friend)
  })
})

describe('uploads', () => {
  it('work from a program with a bearer token', async () => {
    const answer = await upload({ authorization: 'Bearer alice-token' })
    expect(answer.json()).toEqual({ data: { ignoreUpload: 'a.csv' } })
  })

  it('work from a page of our own', async () => {
    const answer = await upload({ ...cookie, origin: server.address.publicUrl(), 'sec-fetch-site': 'same-origin' })
    expect(answer.json()).toEqual({ data: { ignoreUpload: 'a.csv' } })
  })

  it('do not work with the cookie alone', async () => {
    expect((await upload(cookie)).status).toBe(403)
  })
})

describe('a program', () => {
  it('may post without a cookie', async () => {
    expect((await post(server.port, { query: '{ hello }' })).status).toBe(200)
  })

  it('is told to take a token when it posts with the cookie alone', async () => {
    const answer = await post(server.port, touch, cookie)
    expect(answer.status).toBe(403)
    expect(answer.json().errors?.[0]?.message).toContain('Programs use a bearer token.')
  })
})
