import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { eventually } from '../../support/eventually.ts'
import { bodyOf, exchangeRaw, openPost, post, send } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor({
    door: { limits: { bodyMs: 200, headersMs: 200, drainIdleMs: 200, drainTotalMs: 2_000 } },
  })
})
afterAll(() => server[Symbol.asyncDispose]())

const json = { 'content-type': 'application/json' }

describe('a malformed request', () => {
  const cases: readonly (readonly [string, Parameters<typeof send>[1], number, string, string])[] = [
    ['a body that is not JSON', { headers: json, body: '{' }, 400, 'BAD_REQUEST', 'The body is not valid JSON.'],
    ['no body', { headers: json }, 400, 'BAD_REQUEST', 'The body is not valid JSON.'],
    [
      'a body that is not UTF-8',
      { headers: json, body: Buffer.from([0xff]) },
      400,
      'BAD_REQUEST',
      'The body is not valid UTF-8.',
    ],
    [
      'a body nested too deep',
      { headers: json, body: '['.repeat(200_000) },
      400,
      'BAD_REQUEST',
      'The body is nested deeper than 64 levels.',
    ],
    ['a body without a query', { headers: json, body: '{}' }, 400, 'BAD_REQUEST', 'The request has no "query".'],
    [
      'no content type',
      { body: '{}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the operation as application/json, or files as multipart/form-data.',
    ],
    [
      'a form',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={hello}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the operation as application/json, or files as multipart/form-data.',
    ],
    [
      'plain text',
      { headers: { 'content-type': 'text/plain' }, body: '{"query":"{hello}"}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the operation as application/json, or files as multipart/form-data.',
    ],
    [
      'another charset',
      { headers: { 'content-type': 'application/json; charset=latin1' }, body: '{}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'The body must be in UTF-8.',
    ],
    [
      'a compressed body',
      { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'Compressed bodies are not read here.',
    ],
    [
      'two content types',
      { headers: { 'content-type': ['application/json', 'text/plain'] }, body: '{}' },
      400,
      'BAD_REQUEST',
      'The header content-type was sent more than once.',
    ],
    [
      'a method that is none of ours',
      { method: 'PUT', headers: json, body: '{}' },
      405,
      'METHOD_NOT_ALLOWED',
      'This path takes GET and POST, not PUT.',
    ],
    [
      'an Accept that we cannot meet',
      { headers: { ...json, accept: 'image/png' }, body: '{}' },
      406,
      'NOT_ACCEPTABLE',
      'Accept names nothing that POST /graphql answers in.',
    ],
    ['an unknown path', { path: '/graphql/x', headers: json, body: '{}' }, 404, 'NOT_FOUND', 'There is no such path.'],
  ]

  it.each(cases)('is refused: %s', async (_, request, ...[status, code, message]) => {
    const answer = await send(server.port, { method: 'POST', ...request })
    expect({ status: answer.status, errors: answer.json().errors }).toEqual({
      status,
      errors: [{ message, extensions: { code } }],
    })
  })

  it('keeps its connection open when all of it has come', async () => {
    const doubled = { headers: { connection: 'keep-alive', origin: ['http://a', 'http://b'] } }
    expect((await send(server.port, doubled)).headers.connection).toBe('keep-alive')
    const unknown = { path: '/nothing', headers: { connection: 'keep-alive' } }
    expect((await send(server.port, unknown)).headers.connection).toBe('keep-alive')
  })

  it('names the methods that are allowed', async () => {
    expect((await send(server.port, { method: 'DELETE' })).headers.allow).toBe('GET, POST')
    expect((await send(server.port, { method: 'POST', path: '/livez' })).headers.allow).toBe('GET, HEAD')
  })

  it('is refused when its host is missing or doubled', async () => {
    expect(await exchangeRaw(server.port, 'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 /,
    )
    const doubled = 'GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n'
    expect(await exchangeRaw(server.port, doubled)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('is refused when it could be read as two (request smuggling)', async () => {
    const lines = [
      'POST /graphql HTTP/1.1',
      'host: a',
      'content-length: 4',
      'transfer-encoding: chunked',
      '',
      '0',
      '',
      '',
    ]
    expect(await exchangeRaw(server.port, lines.join('\r\n'))).toMatch(/^HTTP\/1.1 400 /)
  })

  it('is refused when its headers are too large', async () => {
    const answer = await exchangeRaw(server.port, `GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 431 /)
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
      errors: [
        {
          message: 'The headers of the request have more than 16384 bytes.',
          extensions: { code: 'PAYLOAD_TOO_LARGE', limit: 16_384 },
        },
      ],
    })
  })

  it('is refused when its headers do not come to an end', async () => {
    const answer = await exchangeRaw(server.port, 'GET /livez HTTP/1.1\r\nhost: a\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('The headers of the request did not arrive in time.')
  })

  it('is refused when its chunks are none', async () => {
    const head =
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
    const answer = await exchangeRaw(server.port, `${head}zz\r\n`)
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400'])
    expect(answer).toContain('The request is not valid HTTP/1.1.')
  })

  it('never lands in the answer to the request before it', async () => {
    const source = new Readable({ read: () => source.push(Buffer.alloc(65_536, 0x61)) })
    const artifact = {
      id: newId('artifact'),
      ownerId: '',
      hash: '',
      size: 2 ** 40,
      fileName: '',
      mediaType: '',
      createdAt: 0,
    }
    const artifacts = { ...server.services.artifacts, find: async () => artifact, read: async () => source }
    await using endless = await openTestDoor({ door: { artifacts } })
    const socket = connect(endless.port, '127.0.0.1')
    socket.write(`GET /artifacts/${artifact.id} HTTP/1.1\r\nhost: a\r\n\r\n`)
    let received = ''
    await new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        if (received === '') socket.write('garbage\r\n\r\n')
        received += chunk.toString('latin1').replaceAll('a', '')
      })
      socket.on('error', () => {}).on('close', resolve)
    })
    expect(received.match(/HTTP\/1.1/g)).toHaveLength(1)
  })

  it('may name the whole URL, as a proxy does', async () => {
    const answer = await send(server.port, { path: 'http://other.example/livez?x' })
    expect(answer.status).toBe(200)
  })

  it('is refused when its target is no path', async () => {
    const answer = await exchangeRaw(server.port, 'GET livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })
})

describe('a body above 256 kB', () => {
  const tooLarge = {
    message: 'The body is larger than 262144 bytes.',
    extensions: { code: 'PAYLOAD_TOO_LARGE', limit: 262_144 },
  }

  it('is refused by its announced length, before it is read', async () => {
    const answer = await send(server.port, { method: 'POST', headers: json, body: 'x'.repeat(262_145) })
    expect(answer.status).toBe(413)
    expect(answer.json().errors).toEqual([tooLarge])
  })

  it('is refused while it is read when no length was announced', async () => {
    const request = openPost(server.port, json)
    request.write('x'.repeat(200_000))
    request.write('x'.repeat(200_000))
    const answer = await bodyOf(request)
    request.destroy()
    expect(JSON.parse(answer.body)).toEqual({ errors: [tooLarge] })
  })

  it('of exactly 256 kB is read', async () => {
    const body = JSON.stringify({ query: '{ hello }', extensions: { pad: '' } })
    const padded = body.replace('""', `"${'x'.repeat(262_144 - body.length)}"`)
    expect(padded).toHaveLength(262_144)
    const answer = await send(server.port, { method: 'POST', headers: json, body: padded })
    expect(answer.json()).toEqual({ data: { hello: 'Hello, world!' } })
  })

  it('is read and forgotten, so that the answer arrives, and the connection is closed', async () => {
    const first = `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 3000000\r\n\r\n`
    const answer = await exchangeRaw(server.port, `${first}${'x'.repeat(3_000_000)}`)
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413'])
    expect(answer).toContain('connection: close')
  })

  it('that nobody asked for does not keep the connection for ever', async () => {
    const answer = await exchangeRaw(server.port, 'GET /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx')
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('a slow client', () => {
  it('whose body does not come gets its answer, and is then cut off', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'
    const answer = await exchangeRaw(server.port, head)
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('The body did not arrive within 0.2 seconds.')
  })

  it('that goes away in the middle of its body troubles nobody', async () => {
    const lost = () => server.logger.lines.filter(({ message }) => message.startsWith('The client closed')).length
    const before = lost()
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
    await new Promise((resolve) => socket.write(' ', resolve))
    socket.destroy()
    await eventually(() => lost() === before + 1)
    expect((await post(server.port, { query: '{ hello }' })).status).toBe(200)
    expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
