import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { webhookAlertSender } from '../../src/adapters/webhook/webhook-alert-sender.ts'
import type { AlertMessage } from '../../src/ports/alert-sender.ts'
import { eventually } from '../support/eventually.ts'

const message: AlertMessage = {
  text: 'The heap is high: 2 MB – ünïcode.',
  kind: 'HEAP_HIGH',
  severity: 'CRITICAL',
  status: 'raised',
  message: 'The heap is high.',
  value: 2,
  limit: 1,
  unit: 'BYTES',
  member: 1,
  raisedAt: '2030-01-01T00:00:00.000Z',
  clearedAt: null,
  source: 'https://mill.example',
}
const never = new AbortController().signal
const secret = '/hooks/T0SECRET?token=s3cr3t'

async function open(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const senderTo = (port: number, timeoutMs?: number) =>
  webhookAlertSender({ url: `http://127.0.0.1:${port}${secret}`, ...(timeoutMs !== undefined && { timeoutMs }) })

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

const connectionsOf = (server: Server) =>
  new Promise<number>((resolve) => {
    server.getConnections((_error, count) => resolve(count))
  })

describe('a webhook for alerts', () => {
  it('is sent the alert as JSON by POST, with the path, and the user if the URL has one', async () => {
    const got: unknown[] = []
    await using hook = await open((request, response) => {
      void textOf(request).then((text) => {
        const { method, url, headers } = request
        got.push([method, url, headers['content-type'], headers.authorization ?? null, JSON.parse(text)])
        response.writeHead(204).end()
      })
    })
    await senderTo(hook.port).send(message, never)
    await webhookAlertSender({ url: `http://ada:p%40ss@127.0.0.1:${hook.port}/x` }).send(message, never)
    const basic = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`
    expect(got).toEqual([
      ['POST', secret, 'application/json', null, message],
      ['POST', '/x', 'application/json', basic, message],
    ])
    await eventually(async () => (await connectionsOf(hook.server)) === 0)
  })

  it('that answers otherwise than with 2xx has not taken it, and no redirect is followed', async () => {
    let asked = 0
    const statuses = [500, 404, 302, 429]
    await using hook = await open((_request, response) => {
      const status = statuses[asked] ?? 200
      asked += 1
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    for (const status of statuses)
      await expect(senderTo(hook.port).send(message, never)).rejects.toThrow(
        new Error(`127.0.0.1:${hook.port}: It answered with the status ${status}.`),
      )
    expect(asked).toBe(4)
  })

  it('may answer with as much as it likes: it is not read', async () => {
    let sent = 0
    await using hook = await open((_request, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(65_536)
      const pour = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length
      }
      response.on('drain', pour)
      pour()
    })
    await senderTo(hook.port).send(message, never)
    await eventually(async () => (await connectionsOf(hook.server)) === 0)
    expect(sent).toBeLessThan(64 * 2 ** 20)
  })

  it('that is not there, hangs up, answers nonsense or not at all has not taken it, and no error tells the address', async () => {
    await using closed = await open(() => {})
    const { port: gone } = closed
    await closed[Symbol.asyncDispose]()
    await using rude = await open((request) => void request.socket.destroy())
    await using silent = await open(() => {})
    const nonsense = createNetServer((socket) => void socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'))
    nonsense.listen(0, '127.0.0.1')
    await once(nonsense, 'listening')
    const { port: talking } = nonsense.address() as AddressInfo
    const failures = await Promise.all(
      [senderTo(gone), senderTo(rude.port), senderTo(talking), senderTo(silent.port, 50)].map((sender) =>
        sender.send(message, never).then(
          () => 'taken',
          (error: unknown) => String(error),
        ),
      ),
    )
    nonsense.close()
    expect(failures).toEqual([
      `Error: 127.0.0.1:${gone}: connect ECONNREFUSED 127.0.0.1:${gone}`,
      `Error: 127.0.0.1:${rude.port}: socket hang up`,
      expect.stringContaining('Parse Error'),
      `Error: 127.0.0.1:${silent.port}: No answer within 50 ms.`,
    ])
    expect(failures.join()).not.toMatch(/hooks|s3cr3t/)
    await eventually(async () => (await connectionsOf(silent.server)) === 0)
  })

  it('is left alone at once when the signal is aborted', async () => {
    const stopping = new AbortController()
    await using silent = await open(() => stopping.abort())
    await expect(senderTo(silent.port).send(message, stopping.signal)).rejects.toThrow('aborted')
    await eventually(async () => (await connectionsOf(silent.server)) === 0)
    await expect(senderTo(silent.port).send(message, stopping.signal)).rejects.toThrow('aborted')
  })
})
