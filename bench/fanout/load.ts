import { answerOrders } from '../answer-orders.ts'
import type { LoadOrder } from './messages.ts'
import { answers } from './load/answers.ts'
import { held } from './load/held.ts'
import { measure } from './load/measure.ts'
import { pace } from './load/pace.ts'
import { openPool, type Pool } from './load/pool.ts'
import { storm } from './load/storm.ts'

/** The clients of one system, in a process of their own. It ends with the one that started it. */

let pool: Pool | null = null

answerOrders(answer)

async function answer(order: LoadOrder): Promise<unknown> {
  if (order.kind === 'connect') {
    pool = await openPool(order.server, order.clients, order.stalled)
    return null
  }
  if (order.kind === 'answers') return answers(order)
  if (pool === null) throw new Error('No client is connected.')
  if (order.kind === 'measure') return measure(pool, order)
  if (order.kind === 'held') return held(pool, order)
  if (order.kind === 'pace') return pace(pool, order)
  if (order.kind === 'storm') return storm(pool, order)
  pool[Symbol.dispose]()
  pool = null
  return null
}
