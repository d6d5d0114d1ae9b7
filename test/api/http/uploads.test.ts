import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import type { Engine } from '../../../src/server/operation.ts'
import { contextOpener, type OpenContext } from '../../../src/server/request-context.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeFrameStream } from '../../support/fake-frame-stream.ts'
import {
  bodyOf,
  type MultipartPart,
  multipart,
  openPost,
  post,
  send,
  type TestAnswer,
} from '../../support/http/requests.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { signUpAt } from '../../support/signed-in.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'

let server: TestDoor
beforeAll(async () => {
  server = await openTestDoor({ artifactMaxBytes: 100_000 })
})
afterAll(() => server[Symbol.asyncDispose]())

const token = { authorization: 'Bearer alice-token' }
const form = { 'content-type': 'multipart/form-data; boundary=boundary' }
const fields = 'id fileName mediaType size hash'

function operations(query: string, variables: object): MultipartPart {
  return { name: 'operations', value: JSON.stringify({ query, variables }) }
}

const one = operations(`mutation ($f: Upload!) { uploadArtifact(file: $f) { ${fields} } }`, { f: null })
const ignoring = operations('mutation ($f: Upload!) { ignoreUpload(file: $f) }', { f: null })
const map: MultipartPart = { name: 'map', value: '{"0":["variables.f"]}' }
const csv: MultipartPart = { name: '0', value: 'a,b\n1,2\n', fileName: 'cars.csv', type: 'text/csv' }

function upload(
  parts: readonly MultipartPart[],
  headers: Readonly<Record<string, string>> = token,
): Promise<TestAnswer> {
  return send(server.port, { method: 'POST', headers: { ...form, ...headers }, body: multipart(parts) })
}

function firstError(answer: TestAnswer) {
  const [error] = answer.json().errors ?? []
  return { status: answer.status, message: error?.message, code: error?.extensions['code'] }
}

describe('an upload', () => {
  it('becomes an artifact with its name, type, size and hash', async () => {
    const answer = await upload([one, map, csv])
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      data: {
        uploadArtifact: {
          id: expect.stringMatching(/^art_/),
          fileName: 'cars.csv',
          mediaType: 'text/csv',
          size: 8,
          hash: createHash('sha256').update('a,b\n1,2\n').digest('hex'),
        },
      },
    })
  })

  it('works with what browsers and node send', async () => {
    const data = new FormData()
    data.append('operations', one.value.toString())
    data.append('map', '{"0":["variables.f"]}')
    data.append('0', new File(['x'], 'größe 🚗.csv', { type: 'text/csv' }))
    const url = `http://127.0.0.1:${server.port}/graphql`
    const answer = await fetch(url, { method: 'POST', headers: token, body: data })
    expect(await answer.json()).toMatchObject({ data: { uploadArtifact: { fileName: 'größe 🚗.csv', size: 1 } } })
  })

  it('takes several files, in a list', async () => {
    const many = operations('mutation ($f: [Upload!]!) { uploadArtifacts(files: $f) { fileName size } }', {
      f: [null, null],
    })
    const answer = await upload([
      many,
      { name: 'map', value: '{"a":["variables.f.1"],"b":["variables.f.0"]}' },
      { name: 'a', value: '1', fileName: 'a.csv' },
      { name: 'b', value: '22', fileName: 'b.csv' },
    ])
    expect(answer.json()).toEqual({
      data: {
        uploadArtifacts: [
          { fileName: 'b.csv', size: 2 },
          { fileName: 'a.csv', size: 1 },
        ],
      },
    })
  })

  it('keeps every byte of a binary file that looks like a boundary', async () => {
    const value = Buffer.concat([
      Buffer.from('\r\n--boundar\r\n--bound'),
      Buffer.alloc(70_000, 0xff),
      Buffer.from('\r\n--'),
    ])
    const answer = await upload([one, map, { ...csv, value, type: 'application/octet-stream' }])
    const hash = createHash('sha256').update(value).digest('hex')
    expect(answer.json()).toMatchObject({ data: { uploadArtifact: { size: value.length, hash } } })
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\cars.csv', 'cars.csv'],
    ['', 'file'],
    [`${'x'.repeat(300)}.csv`, `${'x'.repeat(251)}.csv`],
  ])('named %s is stored as %s', async (fileName, stored) => {
    const answer = await upload([one, map, { ...csv, fileName }])
    expect(answer.json()).toMatchObject({ data: { uploadArtifact: { fileName: stored } } })
  })

  it('of a type that is none is stored as bytes', async () => {
    const answer = await upload([one, map, { ...csv, type: 'text/<b>' }])
    expect(answer.json()).toMatchObject({ data: { uploadArtifact: { mediaType: 'application/octet-stream' } } })
  })

  it('leaves nothing behind when the operation does not take it, fails, or is not valid', async () => {
    const before = await server.storedFiles()
    const file = { ...csv, value: 'never kept' }
    expect((await upload([ignoring, map, file])).json()).toEqual({ data: { ignoreUpload: 'cars.csv' } })
    const failing = operations('mutation ($f: Upload!) { failWithUpload(file: $f) }', { f: null })
    expect(firstError(await upload([failing, map, file])).code).toBe('INTERNAL')
    expect(firstError(await upload([operations('{ nothing }', { f: null }), map, file])).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(await server.storedFiles()).toEqual(before)
  })

  it('cannot feed a subscription, which is ended at once', async () => {
    const stream = fakeFrameStream()
    await using streaming = await openTestDoor({ door: { engine: { run: async () => ({ type: 'stream', stream }) } } })
    const body = multipart([operations('subscription { ticks }', { f: null }), map, csv])
    const answer = await send(streaming.port, { method: 'POST', headers: { ...form, ...token }, body })
    expect(firstError(answer)).toEqual({ status: 400, code: 'BAD_REQUEST', message: 'A subscription takes no files.' })
    expect(stream.calls).toEqual(['end'])
    expect(await streaming.storedFiles()).toEqual([])
  })
})

describe('an upload is refused', () => {
  it('before its first byte is read, to somebody who is not signed in', async () => {
    // The body never comes: the answer must not wait for it.
    const request = openPost(server.port, { ...form, 'content-length': '1000000' })
    request.flushHeaders()
    expect((await bodyOf(request)).status).toBe(401)
    request.destroy()
  })

  it('before the body is sent, where the client asks for leave', async () => {
    const ask = async (headers: Readonly<Record<string, string>>) => {
      const body = multipart([ignoring, map, csv])
      const all = { ...form, ...headers, expect: '100-continue', 'content-length': body.length }
      const request = openPost(server.port, all)
      let events = ''
      request.on('continue', () => {
        events += 'continue '
        request.end(body)
      })
      request.flushHeaders()
      const { status } = await bodyOf(request)
      request.destroy()
      return `${events}${status}`
    }
    expect(await ask({})).toBe('401')
    expect(await ask(token)).toBe('continue 200')
  })

  const cases: readonly (readonly [string, readonly MultipartPart[], number, string, string])[] = [
    ['without parts', [], 400, 'BAD_REQUEST', 'A multipart request must send operations, then map, then files.'],
    ['without a map', [one], 400, 'BAD_REQUEST', 'A multipart request must send operations, then map, then files.'],
    [
      'without operations',
      [map, csv],
      400,
      'BAD_REQUEST',
      'A multipart request must send operations, then map, then files.',
    ],
    [
      'with the file before the map',
      [one, csv, map],
      400,
      'BAD_REQUEST',
      'A multipart request must send operations, then map, then files.',
    ],
    [
      'with a field after the map',
      [one, map, { name: 'x', value: '1' }],
      413,
      'PAYLOAD_TOO_LARGE',
      'A request may hold operations, map and 4 files.',
    ],
    ['without the file', [one, map], 400, 'BAD_REQUEST', 'A file that "map" names was not sent.'],
    [
      'with a file that the map does not name',
      [one, map, { ...csv, name: 'x' }],
      400,
      'BAD_REQUEST',
      'A file was sent that "map" does not name.',
    ],
    ['with a file twice', [one, map, csv, csv], 400, 'BAD_REQUEST', 'A file that "map" names was sent twice.'],
    ['with an empty file', [one, map, { ...csv, value: '' }], 400, 'INVALID_INPUT', 'The file is empty.'],
    [
      'with operations that are not JSON',
      [{ ...one, value: '{' }, map, csv],
      400,
      'BAD_REQUEST',
      '"operations" is not valid JSON.',
    ],
    [
      'with a batch',
      [{ ...one, value: '[]' }, map, csv],
      400,
      'BAD_REQUEST',
      'Several operations in one request are not supported: send one object.',
    ],
    [
      'with operations that are no object',
      [{ ...one, value: 'null' }, map, csv],
      400,
      'BAD_REQUEST',
      '"operations" must be a JSON object.',
    ],
    [
      'with operations that hold no query',
      [{ ...one, value: '{"variables":{"f":null}}' }, map, csv],
      400,
      'BAD_REQUEST',
      'The request has no "query".',
    ],
    [
      'with operations above 100 kB',
      [{ ...one, value: `{"query":"${'x'.repeat(100_000)}"}` }, map, csv],
      413,
      'PAYLOAD_TOO_LARGE',
      '"operations" is larger than 100000 bytes.',
    ],
    [
      'with a map that reaches for a prototype',
      [one, { ...map, value: '{"0":["variables.__proto__.x"]}' }, csv],
      400,
      'BAD_REQUEST',
      '"map" may point to variables only, not to "variables.__proto__.x".',
    ],
    [
      'with a file above its limit',
      [one, map, { ...csv, value: 'x'.repeat(100_001) }],
      413,
      'PAYLOAD_TOO_LARGE',
      'The file has more than the 100000 bytes that are allowed.',
    ],
  ]

  it.each(cases)('%s', async (_, parts, ...[status, code, message]) => {
    const before = await server.storedFiles()
    expect(firstError(await upload(parts))).toEqual({ status, code, message })
    expect(await server.storedFiles()).toEqual(before)
  })

  it.each([
    [
      'no boundary',
      { 'content-type': 'multipart/form-data' },
      'The content type multipart/form-data must name its boundary.',
    ],
    [
      'another boundary',
      { 'content-type': 'multipart/form-data; boundary=other' },
      'The multipart body is malformed or ends too early.',
    ],
  ])('with %s', async (_, headers, message) => {
    expect(firstError(await upload([one, map, csv], { ...token, ...headers }))).toEqual({
      status: 400,
      code: 'BAD_REQUEST',
      message,
    })
  })

  it('when it ends in the middle of the file', async () => {
    const before = await server.storedFiles()
    const body = multipart([one, map, { ...csv, value: 'x'.repeat(5_000) }]).subarray(0, -2_000)
    const answer = await send(server.port, { method: 'POST', headers: { ...form, ...token }, body })
    expect(firstError(answer).message).toBe('The multipart body is malformed or ends too early.')
    expect(await server.storedFiles()).toEqual(before)
  })
})

describe('an upload whose credential ends while it is sent', () => {
  const held = () => {
    const body = multipart([one, map, { ...csv, value: 'x'.repeat(50_000) }])
    return { start: body.subarray(0, -2_000), end: body.subarray(-2_000) }
  }

  it('is refused when all of it has come, and nothing is done for it', async () => {
    const openContext = contextOpener(server.services, () => '')
    let ended = false
    const asked: OpenContext = async (facts) => {
      if (ended) throw new Refusal('SESSION_REVOKED', 'The session has ended.')
      return openContext(facts)
    }
    const run = vi.fn<Engine['run']>()
    await using door = await openTestDoor({ door: { openContext: asked, engine: { run } } })
    const { start, end } = held()
    const request = openPost(door.port, { ...form, ...token, 'content-length': start.length + end.length })
    request.write(start)
    await eventually(async () => (await door.storedFiles()).length === 1)
    ended = true
    request.end(end)
    const answer = await bodyOf(request)
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('SESSION_REVOKED')])
    expect(run).not.toHaveBeenCalled()
    expect(await door.storedFiles()).toEqual([])
  })

  it.each([
    ['a session', 'authorization', '{ signOutEverywhere }'],
    ['an API key', 'x-api-key', '($id: ID!) { revokeApiKey(id: $id) }'],
  ])('is not received any further: of %s', async (_, header, ending) => {
    await using folder = await makeTestFolder()
    await using app = await openTestApp({ dataDir: folder.path })
    const user = await signUpAt(app.url, 'ada')
    const { createApiKey: made } = await user.request<{
      createApiKey: { readonly key: string; readonly apiKey: { readonly id: string } }
    }>(
      `mutation { createApiKey(input: { name: "k", scopes: [ARTIFACTS_WRITE] }) {
        ... on ApiKeyIssued { key apiKey { id } } } }`,
    )
    const headers = header === 'x-api-key' ? { [header]: made.key } : user.headers
    const { start, end } = held()
    const all = { ...form, ...headers, 'content-length': start.length + end.length }
    const request = openPost(Number(new URL(app.url).port), all)
    request.write(start)
    const answer = bodyOf(request)
    const files = () => readdir(join(folder.path, 'files'), { recursive: true, withFileTypes: true })
    await eventually(async () => (await files()).some((entry) => entry.isFile()))
    await user.request(`mutation ${ending}`, ending.includes('$id') ? { id: made.apiKey.id } : {})
    // The rest never comes: the answer must not wait for it.
    expect(await answer).toEqual({ status: 401, body: expect.stringMatching(/SESSION_REVOKED|UNAUTHENTICATED/) })
    request.destroy()
  })
})

describe('a client', () => {
  it('that goes away in the middle leaves nothing behind', async () => {
    const before = await server.storedFiles()
    const body = multipart([one, map, { ...csv, value: 'x'.repeat(50_000) }])
    const socket = connect(server.port, '127.0.0.1')
    const head = [
      'POST /graphql HTTP/1.1',
      'host: x',
      `authorization: ${token.authorization}`,
      `content-type: ${form['content-type']}`,
    ]
    socket.write(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`)
    socket.write(body.subarray(0, 30_000))
    await eventually(async () => (await server.storedFiles()).length === before.length + 1)
    socket.destroy()
    await eventually(async () => (await server.storedFiles()).join() === before.join())
    expect((await post(server.port, { query: '{ hello }' })).status).toBe(200)
  })

  it('that stops sending is told so', async () => {
    await using hasty = await openTestDoor({ door: { limits: { uploadIdleMs: 100, drainIdleMs: 100 } } })
    const body = multipart([one, map, csv])
    const request = openPost(hasty.port, { ...form, ...token, 'content-length': body.length })
    request.write(body.subarray(0, 250))
    expect((await bodyOf(request)).status).toBe(408)
    request.destroy()
    expect(await hasty.storedFiles()).toEqual([])
  })

  it('that never pauses but is too slow is told so', async () => {
    const limits = { uploadPaceMs: 150, uploadPaceBytes: 10_000, drainIdleMs: 100 }
    await using hasty = await openTestDoor({ door: { limits } })
    const body = multipart([one, map, { ...csv, value: 'x'.repeat(50_000) }])
    const request = openPost(hasty.port, { ...form, ...token, 'content-length': body.length })
    // Quick enough in the first stretch of time, and then a byte now and then.
    let sent = 20_000
    request.write(body.subarray(0, sent))
    const trickle = setInterval(() => request.write(body.subarray(sent, (sent += 1))), 10)
    const answer = await bodyOf(request).finally(() => clearInterval(trickle))
    expect(answer.status).toBe(408)
    expect(answer.body).toMatch(/The upload is too slow: \d{1,3} bytes came in 0.15 seconds\./)
    request.destroy()
    expect(await hasty.storedFiles()).toEqual([])
  })

  it('that is still sending a file that is too big gets its answer', async () => {
    const data = Readable.from(
      (function* () {
        yield multipart([one, map, csv]).subarray(0, -20)
        for (let i = 0; i < 400; i++) yield Buffer.alloc(65_536, 0x61)
      })(),
    )
    const request = openPost(server.port, { ...form, ...token })
    // Node's client stops sending once it has the answer.
    const [answer] = await Promise.all([bodyOf(request), pipeline(data, request).catch(() => {})])
    expect(answer.status).toBe(413)
    expect(answer.body).toContain('The file has more than the 100000 bytes that are allowed.')
  })
})

describe('a big file', () => {
  it('goes through without growing the memory', async () => {
    const megabytes = 400
    await using roomy = await openTestDoor({ artifactMaxBytes: 2 ** 30 })
    const chunk = Buffer.alloc(2 ** 20, 0x61)
    let most = 0
    const source = Readable.from(
      (function* () {
        yield multipart([ignoring, map, csv]).subarray(0, -14)
        for (let i = 0; i < megabytes; i++) {
          // Everything outside the JavaScript heap: bodies are Buffers.
          most = Math.max(most, process.memoryUsage().arrayBuffers)
          yield chunk
        }
        yield '\r\n--boundary--\r\n'
      })(),
      { highWaterMark: 1 },
    )
    const before = process.memoryUsage().arrayBuffers
    const request = openPost(roomy.port, { ...form, ...token })
    const [answer] = await Promise.all([bodyOf(request), pipeline(source, request)])
    expect(JSON.parse(answer.body)).toEqual({ data: { ignoreUpload: 'cars.csv' } })
    // What was read and is yet to be collected is some tens of megabytes.
    expect(most - before).toBeLessThan(128 * 2 ** 20)
  }, 60_000)
})
