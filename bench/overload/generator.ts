import { answerOrders } from '../answer-orders.ts'
import { type LoadConnection, openLoadConnection } from './load-connection.ts'
import type { LoadOrder, LoadOutcome } from './messages.ts'
import { createTimetable, type Timetable } from './timetable.ts'

/** A process of its own, so that what it does is not what is measured. */

let connections: LoadConnection[] = []
let timetable: Timetable | null = null
let onAnswer: Timetable['answered'] = () => {}

answerOrders(answer)

async function answer(order: LoadOrder): Promise<unknown> {
  if (order.kind === 'connect') return connect(order.port, order.connections)
  if (order.kind === 'saturate') return saturate(order)
  timetable = createTimetable(connections)
  onAnswer = timetable.answered
  return timetable.offer(order.kinds, order)
}

/** Opened a few at a time, since the kernel refuses what its queue cannot hold. */
async function connect(port: number, count: number): Promise<null> {
  for (const connection of connections) connection.close()
  connections = []
  while (connections.length < count) {
    const more = Array.from({ length: Math.min(100, count - connections.length) }, () =>
      openLoadConnection(port, (...answered) => onAnswer(...answered)),
    )
    await Promise.all(more.map(({ ready }) => ready))
    connections.push(...more)
  }
  return null
}

/** As many requests as are answered. */
function saturate({
  request,
  connections: count,
  ms,
}: LoadOrder & { kind: 'saturate' }): Promise<Pick<LoadOutcome, 'accepted' | 'failed' | 'seconds'>> {
  const started = performance.now()
  let accepted = 0
  let failed = 0
  let open = Math.min(count, connections.length)
  return new Promise((resolve) => {
    onAnswer = ({ status, isData }, connection) => {
      if (status === 200 && isData) accepted += 1
      else failed += 1
      const passed = performance.now() - started
      if (passed < ms) return connection.send(request)
      open -= 1
      if (open === 0) resolve({ accepted, failed, seconds: passed / 1_000 })
    }
    for (const connection of connections.slice(0, count)) connection.send(request)
  })
}
