import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { wellFinding as well } from '../../../src/core/health.ts'
import { ListenError } from '../../../src/server/http/listen.ts'
import { eventually } from '../../support/eventually.ts'
import { exchangeRaw, post, send } from '../../support/http/requests.ts'
import { openTestDoor } from '../../support/http/test-door.ts'
import { openRawHttp } from '../../support/raw-http.ts'

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('listening', () => {
  it('names the port that it was given where any was asked for', async () => {
    await using server = await openTestDoor()
    expect(server.port).toBeGreaterThan(0)
    expect(server.address.publicUrl()).toBe(`http://localhost:${server.port}`)
  })

  it('explains that a port is taken', async () => {
    await using server = await openTestDoor()
    await using second = await openTestDoor()
    await second.door.close(0)
    const failure = second.door.listen({ host: '127.0.0.1', port: server.port })
    await expect(failure).rejects.toBeInstanceOf(ListenError)
    await expect(failure).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `Port ${server.port} on 127.0.0.1 is in use by another program. Set PORT to another one, or to 0 for any free one.`,
    })
  })

  it('explains that an address is not this machine’s', async () => {
    await using server = await openTestDoor()
    await server.door.close(0)
    await expect(server.door.listen({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'HOST_NOT_AVAILABLE',
      message: 'This machine has no address 192.0.2.1. Set HOST to one that it has.',
    })
  })
})

describe('health', () => {
  it('is alive without looking at anything', async () => {
    const checks = { database: () => Promise.reject(new Error('down')) }
    await using server = await openTestDoor({ checks })
    const answer = await send(server.port, { path: '/livez' })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: '{"status":"ok"}' })
  })

  it('is ready when every check passes', async () => {
    await using server = await openTestDoor({ checks: { database: async () => well, pool: async () => well } })
    const answer = await send(server.port, { path: '/readyz' })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ status: 'ok', checks: { database: well, pool: well } })
  })

  it('is ready without what it can do without, and says that it lacks it', async () => {
    const lacking = { status: 'degraded', reason: 'Redis is away.' } as const
    await using server = await openTestDoor({ checks: { database: async () => well, redis: async () => lacking } })
    const answer = await send(server.port, { path: '/readyz' })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ status: 'ok', checks: { database: well, redis: lacking } })
    expect(server.logger.lines).toEqual([])
  })

  it('is not ready when a check fails or takes too long, and the log alone knows what went wrong', async () => {
    const checks = {
      database: () => Promise.reject(new Error('inner detail')),
      pool: () => new Promise<never>(() => {}),
    }
    await using server = await openTestDoor({ checks, checkMs: 50 })
    const answer = await send(server.port, { path: '/readyz' })
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body)).toEqual({
      status: 'unfit',
      checks: {
        database: { status: 'failed', reason: 'It could not be reached.' },
        pool: { status: 'too slow', reason: 'There was no answer within 0.05 seconds.' },
      },
    })
    expect(server.logger.lines).toMatchObject([
      { fields: { check: 'database', err: { message: 'inner detail' } } },
      { fields: { check: 'pool', status: 'too slow' } },
    ])
  })
})

describe('pages', () => {
  it('lead from / to GraphiQL where nothing else is there', async () => {
    await using server = await openTestDoor()
    const answer = await send(server.port, { path: '/', headers: html })
    expect({ status: answer.status, location: answer.headers.location }).toEqual({ status: 302, location: '/graphql' })
  })

  it('are not there where GraphiQL is off', async () => {
    await using server = await openTestDoor({ graphiql: false })
    expect((await send(server.port, { path: '/', headers: html })).status).toBe(404)
    expect((await send(server.port, { path: '/assets/page/page.js' })).status).toBe(404)
    const answer = await send(server.port, { headers: html })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('are served with a nonce of their own and the scripts that they load', async () => {
    const pages = {
      render: async (nonce: string) => ({ contentType: 'text/html; charset=utf-8', body: `<script nonce="${nonce}">` }),
      readAsset: async (path: string) =>
        path === '/assets/page/page.js' ? { contentType: 'text/javascript; charset=utf-8', body: 'run()' } : null,
    }
    await using server = await openTestDoor({ door: { pages } })
    const first = await send(server.port, { path: '/' })
    const nonce = /nonce="([^"]+)"/.exec(first.body)?.[1]
    expect(first.headers['content-security-policy']).toContain(`script-src 'nonce-${nonce}';`)
    expect(first.headers['content-security-policy']).toContain(`connect-src 'self' ws://localhost:${server.port} `)
    expect((await send(server.port, { path: '/' })).body).not.toBe(first.body)
    const asset = await send(server.port, { path: '/assets/page/page.js' })
    expect(asset).toMatchObject({
      status: 200,
      body: 'run()',
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
    })
    expect((await send(server.port, { path: '/assets/page/other.js' })).status).toBe(404)
  })

  it('include GraphiQL, whole and without anything from elsewhere', async () => {
    await using server = await openTestDoor()
    const answer = await send(server.port, { headers: html })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(Buffer.byteLength(answer.body)).toBe(Number(answer.headers['content-length']))
    const policy = String(answer.headers['content-security-policy'])
    const [nonce] = /nonce-[^']+/.exec(policy) ?? ['none']
    expect(answer.body).toContain(`<script ${nonce.replace('-', '="')}">`)
    expect(answer.body.match(/<script[ >]/g)?.length).toBe(2) // the second stands in a string of the first
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|http)/)
    expect(answer.body).toContain(`curl http://localhost:${server.port}/graphql`)
  })
})

describe('streams', () => {
  it('are handed to their transport with the body that was read', async () => {
    await using server = await openTestDoor()
    const operation = { query: 'subscription { ticks }', extensions: { resume: { after: 'now' } } }
    const sse = await post(server.port, operation, { accept: 'text/event-stream' })
    const poll = await post(server.port, operation, { accept: 'application/vnd.millrace.poll+json' })
    const get = await send(server.port, { path: '/graphql?query=x', headers: { accept: 'text/event-stream' } })
    expect([sse.body, poll.body, get.body]).toEqual(['sse', 'poll', 'sse'])
    expect(server.streamed).toEqual([
      { transport: 'sse', body: operation },
      { transport: 'poll', body: operation },
      { transport: 'sse', body: undefined },
    ])
    expect(sse.headers['x-request-id']).toBeDefined()
  })
})

describe('an upgrade', () => {
  const upgrade = (path: string, protocol: string, more = '') =>
    `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n${more}\r\n`

  it('goes to the WebSocket door on /graphql only', async () => {
    await using server = await openTestDoor()
    expect(await exchangeRaw(server.port, upgrade('/graphql', 'websocket'))).toBe('HTTP/1.1 101 Taken\r\n\r\n')
    const elsewhere = await exchangeRaw(server.port, upgrade('/other', 'websocket'))
    expect(elsewhere).toMatch(/^HTTP\/1.1 404 Not Found\r\n/)
    expect(elsewhere).toContain(
      '{"errors":[{"message":"There is no such WebSocket.","extensions":{"code":"NOT_FOUND"}}]}',
    )
    expect(elsewhere).toMatch(/x-request-id: /)
  })

  it('to another protocol is passed over, as HTTP allows', async () => {
    await using server = await openTestDoor()
    const answer = await exchangeRaw(server.port, upgrade('/livez', 'h2c', 'connection: close\r\n'))
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
  })

  it('is refused with doubled or malformed headers before the door hears of it', async () => {
    await using server = await openTestDoor()
    const doubled = 'origin: http://a\r\norigin: http://b\r\n'
    expect(await exchangeRaw(server.port, upgrade('/graphql', 'websocket', doubled))).toMatch(/^HTTP\/1.1 400 /)
    const basic = 'authorization: Basic x\r\n'
    expect(await exchangeRaw(server.port, upgrade('/graphql', 'websocket', basic))).toMatch(/^HTTP\/1.1 401 /)
  })
})

describe('closing', () => {
  /** A download that waits for its `end`. */
  function slowArtifact() {
    const source = new Readable({ read() {} })
    const artifact = {
      id: newId('artifact'),
      ownerId: '',
      hash: '',
      size: 4,
      fileName: '',
      mediaType: '',
      createdAt: 0,
    }
    return { path: `/artifacts/${artifact.id}`, source, find: async () => artifact, read: async () => source }
  }

  it('lets an answer that is under way end, and refuses connections meanwhile', async () => {
    const slow = slowArtifact()
    await using server = await openTestDoor()
    await using busy = await openTestDoor({ door: { artifacts: { ...server.services.artifacts, ...slow } } })
    slow.source.push('ab')
    const answer = send(busy.port, { path: slow.path })
    await eventually(() => slow.source.readableLength === 0)
    const closed = busy.door.close(10_000)
    await expect(send(busy.port, { path: '/livez' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    slow.source.push('cd')
    slow.source.push(null)
    expect((await answer).body).toBe('abcd')
    await closed
  })

  it('cuts what is left after the window', async () => {
    const slow = slowArtifact()
    await using server = await openTestDoor()
    await using busy = await openTestDoor({ door: { artifacts: { ...server.services.artifacts, ...slow } } })
    slow.source.push('ab')
    const answer = send(busy.port, { path: slow.path })
    await eventually(() => slow.source.readableLength === 0)
    await Promise.all([busy.door.close(50), expect(answer).rejects.toThrow('aborted')])
    await eventually(() => slow.source.destroyed)
  })

  it('closes idle connections at once, and those that become idle', async () => {
    await using server = await openTestDoor()
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await server.door.close(10_000)
    await expect(ended).resolves.toBe(false)
  })

  it('answers once more on an idle connection where a successor is there already, and lets the others time out', async () => {
    await using server = await openTestDoor()
    const request = 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'
    const used = await openRawHttp(server.port, request)
    const unused = await openRawHttp(server.port, request)
    await Promise.all([used.until('{"status":"ok"}'), unused.until('{"status":"ok"}')])
    server.door.stopAccepting({ keepIdle: true })
    const closed = server.door.close(30_000)
    await expect(send(server.port, { path: '/livez' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect([used.closed, unused.closed]).toEqual([false, false])
    used.socket.write(request)
    await used.until('connection: close')
    await eventually(() => used.closed)
    // As long as `Keep-Alive: timeout=5` has told the client that it may be used.
    expect(unused.closed).toBe(false)
    await closed
    await eventually(() => unused.closed)
  })

  it('tells load balancers on open connections to go elsewhere', async () => {
    const slow = slowArtifact()
    await using server = await openTestDoor()
    await using busy = await openTestDoor({ door: { artifacts: { ...server.services.artifacts, ...slow } } })
    const socket = connect(busy.port, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.write(`GET ${slow.path} HTTP/1.1\r\nhost: a\r\n\r\n`)
    slow.source.push('ab')
    await eventually(() => received.includes('ab'))
    const closed = busy.door.close(10_000)
    socket.write('GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n')
    slow.source.push('cd')
    slow.source.push(null)
    await closed
    expect(received).toContain('HTTP/1.1 503 Service Unavailable')
    expect(received).toContain('connection: close')
    expect(received).toContain('{"status":"draining","checks":{}}')
  })

  it('closes the doors of the streams with the same window, once', async () => {
    const windows: number[] = []
    const close = async (drainMs: number) => void windows.push(drainMs)
    const stream = { handle: async () => {}, close }
    await using server = await openTestDoor({
      door: { sse: stream, poll: stream, webSocket: { upgrade: async () => {}, close } },
    })
    await Promise.all([server.door.close(123), server.door.close(456)])
    expect(windows).toEqual([123, 123, 123])
  })

  it('can be done twice', async () => {
    await using server = await openTestDoor()
    await server.door.close(0)
    await server.door.close(0)
    await expect(send(server.port, { path: '/livez' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
