import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { livenessDoor } from '../../../src/server/http/health.ts'
import { createErrorMask } from '../../../src/server/graphql/mask-error.ts'
import { createOpsDoor } from '../../../src/server/http/ops-door.ts'
import type { Door } from '../../../src/server/http/exchange.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { exchangeRaw, send } from '../../support/http/requests.ts'

async function openOps(doors: Readonly<Record<string, Door>> = {}) {
  const logger = collectingLogger()
  const ops = createOpsDoor({ doors: { '/livez': livenessDoor, ...doors }, maskError: createErrorMask(logger), logger })
  const port = await ops.listen({ host: '127.0.0.1', port: 0 })
  return { ops, port, logger, [Symbol.asyncDispose]: () => ops[Symbol.asyncDispose]() }
}

describe('the ops port', () => {
  it('answers its doors, each over a connection of its own, without looking at credentials', async () => {
    await using server = await openOps({
      '/metrics': async ({ response, facts }) => void response.end(JSON.stringify(facts.credentials)),
    })
    const answer = await send(server.port, {
      path: '/livez?verbose',
      headers: { authorization: 'no credential at all' },
    })
    expect(answer).toMatchObject({ status: 200, body: '{"status":"ok"}' })
    expect(answer.headers).toMatchObject({ connection: 'close', 'cache-control': 'no-store' })
    const headers = { 'x-api-key': 'mr_key', cookie: 'session=1' }
    const { body } = await send(server.port, { path: '/metrics', headers })
    expect(JSON.parse(body)).toEqual({ apiKey: null, bearer: null, sessionCookie: null })
  })

  it.each(['/', '/graphql', '/livez/', '/constructor'])('knows no path besides: %s', async (path) => {
    await using server = await openOps()
    const answer = await send(server.port, { path })
    expect(answer.status).toBe(404)
    expect(answer.json().errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
  })

  it('refuses other methods, and what is not HTTP or too long', async () => {
    await using server = await openOps()
    expect((await send(server.port, { method: 'DELETE', path: '/livez' })).status).toBe(405)
    expect(await exchangeRaw(server.port, 'what is this\r\n\r\n')).toContain('HTTP/1.1 400')
    const long = `GET /livez HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(10_000)}\r\n\r\n`
    expect(await exchangeRaw(server.port, long)).toContain('HTTP/1.1 431')
  })

  it('masks what it did not mean to say, and logs it under the request id', async () => {
    await using server = await openOps({ '/metrics': () => Promise.reject(new Error('inner detail')) })
    const answer = await send(server.port, { path: '/metrics' })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('inner detail')
    const requestId = answer.headers['x-request-id']
    expect(server.logger.lines).toMatchObject([
      { level: 'error', fields: { requestId, err: { message: 'inner detail' } } },
    ])
  })

  it('has room for 64 connections, and drops those over that', async () => {
    await using server = await openOps()
    await using sockets = new AsyncDisposableStack()
    const open = async () => {
      const socket = connect(server.port, '127.0.0.1')
      sockets.defer(() => void socket.destroy())
      await once(socket, 'connect')
      return socket
    }
    for (let count = 0; count < 64; count += 1) await open()
    const over = await open()
    over.on('error', () => {})
    over.resume()
    await eventually(() => over.closed)
    await sockets.disposeAsync()
    await eventually(() =>
      send(server.port, { path: '/livez' }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    )
  })

  it('says which settings an address comes from that cannot be had', async () => {
    await using server = await openOps()
    const other = createOpsDoor({ doors: {}, maskError: createErrorMask(server.logger), logger: server.logger })
    await expect(other.listen({ host: '127.0.0.1', port: server.port })).rejects.toThrow(
      `Port ${server.port} on 127.0.0.1 is in use by another program. Set OPS_PORT to another one, or to 0 for any free one.`,
    )
    await expect(other.listen({ host: 'nowhere.invalid', port: 0 })).rejects.toThrow('Set OPS_HOST to one that it has.')
  })
})
