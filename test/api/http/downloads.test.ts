import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import { newId } from '../../../src/core/ids.ts'
import { eventually } from '../../support/eventually.ts'
import { somebody } from '../../support/http/fake-services.ts'
import { send } from '../../support/http/requests.ts'
import { openTestDoor, type TestDoor } from '../../support/http/test-door.ts'
import { uploadFile } from '../../support/upload-file.ts'

const content = 'abcdefghijklmnopqrstuvwxyz'
const alice = { authorization: 'Bearer alice-token' }

let server: TestDoor
let artifact: Artifact
let path: string
beforeAll(async () => {
  server = await openTestDoor({ corsOrigins: ['https://app.example.com'] })
  const label = { fileName: 'größe.html', mediaType: 'text/html' }
  artifact = await uploadFile(server.services.artifacts, somebody('alice'), content, label)
  path = `/artifacts/${artifact.id}`
})
afterAll(() => server[Symbol.asyncDispose]())

describe('a download', () => {
  it('has the bytes, and headers under which they can do no harm', async () => {
    const answer = await send(server.port, { path, headers: alice })
    expect(answer.status).toBe(200)
    expect(answer.body).toBe(content)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html',
      'content-length': '26',
      'content-disposition': `attachment; filename="gr__e.html"; filename*=UTF-8''gr%C3%B6%C3%9Fe.html`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: `"${artifact.hash}"`,
    })
  })

  it('works with the cookie, too, when a link is followed', async () => {
    const headers = { cookie: 'millrace=alice-cookie', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect((await send(server.port, { path, headers })).body).toBe(content)
  })

  it('cannot be embedded by a foreign page', async () => {
    const headers = { cookie: 'millrace=alice-cookie', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    expect((await send(server.port, { path, headers })).status).toBe(403)
  })

  it('has the headers alone for HEAD', async () => {
    const answer = await send(server.port, { method: 'HEAD', path, headers: alice })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-length']).toBe('26')
    expect(answer.body).toBe('')
  })

  it.each([
    ['bytes=0-4', 'abcde', 'bytes 0-4/26'],
    ['bytes=20-', 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=-3', 'xyz', 'bytes 23-25/26'],
    ['bytes=25-1000', 'z', 'bytes 25-25/26'],
  ])('has a part of the bytes for %s', async (range, body, contentRange) => {
    const answer = await send(server.port, { path, headers: { ...alice, range } })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 206, body })
    expect(answer.headers['content-range']).toBe(contentRange)
    expect(answer.headers['content-length']).toBe(String(body.length))
  })

  it('is whole for several ranges, which may be answered so', async () => {
    const answer = await send(server.port, { path, headers: { ...alice, range: 'bytes=0-1,4-5' } })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: content })
  })

  it('is refused for a range beyond the end', async () => {
    const answer = await send(server.port, { path, headers: { ...alice, range: 'bytes=26-' } })
    expect(answer.status).toBe(416)
    expect(answer.headers['content-range']).toBe('bytes */26')
    expect(answer.headers).not.toHaveProperty('content-disposition')
    expect(answer.json().errors).toEqual([
      {
        message: 'The artifact has 26 bytes; the range is not within them.',
        extensions: { code: 'RANGE_NOT_SATISFIABLE' },
      },
    ])
  })

  it('is taken up again only while the file is the same', async () => {
    const range = 'bytes=20-'
    const same = await send(server.port, { path, headers: { ...alice, range, 'if-range': `"${artifact.hash}"` } })
    expect(same.body).toBe('uvwxyz')
    for (const condition of ['"other"', `W/"${artifact.hash}"`, 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      const other = await send(server.port, { path, headers: { ...alice, range, 'if-range': condition } })
      expect({ status: other.status, body: other.body }).toEqual({ status: 200, body: content })
    }
  })

  it('is not sent again to who has it', async () => {
    const headers = { ...alice, 'if-none-match': `"other", W/"${artifact.hash}"` }
    const answer = await send(server.port, { path, headers })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 304, body: '' })
    expect((await send(server.port, { path, headers: { ...headers, authorization: 'Bearer bob-token' } })).status).toBe(
      404,
    )
  })

  it('can be read by a page of an allowed origin', async () => {
    const answer = await send(server.port, { path, headers: { ...alice, origin: 'https://app.example.com' } })
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example.com')
  })
})

describe('what is not there', () => {
  it.each([
    ['somebody else’s artifact', () => path, { authorization: 'Bearer bob-token' }],
    ['an artifact for nobody', () => path, {}],
    ['an unknown artifact', () => `/artifacts/${newId('artifact')}`, alice],
    ['what is no id', () => '/artifacts/x', alice],
    ['an id of another kind', () => `/artifacts/${newId('job')}`, alice],
    ['a path beyond', () => `${path}/x`, alice],
    ['a path out of the folder', () => '/artifacts/..%2f..%2fetc%2fpasswd', alice],
    ['no id', () => '/artifacts/', alice],
  ])('is 404: %s', async (_, where, headers) => {
    const answer = await send(server.port, { path: where(), headers })
    expect({ status: answer.status, errors: answer.json().errors }).toEqual({
      status: 404,
      errors: [{ message: 'There is no such artifact.', extensions: { code: 'NOT_FOUND' } }],
    })
  })

  it('is not written to', async () => {
    expect((await send(server.port, { method: 'PUT', path, headers: alice, body: 'x' })).status).toBe(405)
  })

  it('is 401 with a credential that is not valid', async () => {
    expect((await send(server.port, { path, headers: { authorization: 'Bearer x' } })).status).toBe(401)
  })
})

describe('a download that is broken off', () => {
  it('closes the file when the client goes', async () => {
    const source = new Readable({ read: () => source.push(Buffer.alloc(65_536)) })
    const endless = {
      ...server.services.artifacts,
      find: async () => ({ ...artifact, size: 2 ** 40 }),
      read: async () => source,
    }
    await using slow = await openTestDoor({ door: { artifacts: endless } })
    const socket = connect(slow.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: ${alice.authorization}\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    expect(source.destroyed).toBe(false)
    socket.destroy()
    await eventually(() => source.destroyed)
    expect(slow.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('is cut off, and logged, when the file cannot be read to its end', async () => {
    const broken = () =>
      Readable.from(
        (function* () {
          yield Buffer.from('abc')
          throw new Error('disk error')
        })(),
      )
    const artifacts = { ...server.services.artifacts, read: async () => broken() }
    await using failing = await openTestDoor({ door: { artifacts } })
    await expect(send(failing.port, { path, headers: alice })).rejects.toThrow('aborted')
    expect(failing.logger.lines).toMatchObject([{ level: 'error', fields: { err: { message: 'disk error' } } }])
  })

  it('is an error of ours when the bytes are gone', async () => {
    const artifacts = {
      ...server.services.artifacts,
      read: async () => {
        throw new Error('ENOENT /srv/secret')
      },
    }
    await using failing = await openTestDoor({ door: { artifacts } })
    const answer = await send(failing.port, { path, headers: alice })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('ENOENT')
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers).not.toHaveProperty('content-disposition')
  })
})
