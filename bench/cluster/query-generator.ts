import { answerOrders } from '../answer-orders.ts'
import { type HttpConnection, openHttpConnection } from './http-connection.ts'
import type { Asked, QueryOrder } from './query-messages.ts'

/** A process of its own, so that what it does is not what is measured. */

let connections: readonly HttpConnection[] = []

answerOrders(answer)

async function answer(order: QueryOrder): Promise<unknown> {
  if (order.kind === 'ask') return ask(order.request, order.ms)
  for (const connection of connections) connection.close()
  if (order.kind === 'connect') {
    connections = Array.from({ length: order.connections }, () => openHttpConnection(order.port))
    await Promise.all(connections.map(({ ready }) => ready))
  }
  return null
}

async function ask(request: string, ms: number): Promise<Asked> {
  const latencies: number[] = []
  const before = process.cpuUsage()
  const started = performance.now()

  async function askOn(connection: HttpConnection): Promise<void> {
    for (let now = performance.now(); now - started < ms;) {
      const body = await connection.ask(request)
      if (body.includes('"errors"')) throw new Error(`A request was answered with: ${body.slice(0, 400)}`)
      const answered = performance.now()
      latencies.push(answered - now)
      now = answered
    }
  }

  await Promise.all(connections.map(askOn))
  const { user, system } = process.cpuUsage(before)
  return { latencies, ms: performance.now() - started, cpuUs: user + system }
}
