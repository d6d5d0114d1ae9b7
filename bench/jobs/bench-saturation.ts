import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { latencies } from '../latencies.ts'
import { median, percentile } from '../paired-rounds.ts'
import { printFigure } from './print-figure.ts'
import type { LoopDelay, ServerOrder } from './server-messages.ts'

const ms = 4000
const targetMs = 25

/** How the API fares while tasks compute on every core; says whether the target was met. */
export async function benchSaturation(opened: AsyncDisposableStack): Promise<boolean> {
  const threads = availableParallelism()
  const folder = opened.use(await makeTestFolder())
  const server = fork(new URL('server.ts', import.meta.url))
  opened.defer(async () => {
    const exited = once(server, 'exit')
    if (server.exitCode === null && server.kill('SIGKILL')) await exited
  })
  const port = await ask<number>(server, { kind: 'open', folder: folder.path, threads })

  console.log(`The API while ${threads} threads compute on ${threads} cores`)
  const met: boolean[] = []
  for (const busy of [0, threads]) {
    const delay = ask<LoopDelay>(server, { kind: 'measure', ms, busy })
    const asked = await latencies(port, delay)
    const { p50, p99 } = await delay
    const when = busy === 0 ? 'idle' : 'busy'
    const target = busy === 0 ? null : { most: targetMs }
    printFigure(`event-loop delay, ${when}, p50`, p50, 'ms')
    met.push(printFigure(`event-loop delay, ${when}, p99`, p99, 'ms', target))
    printFigure(`{ __typename } asked by another process, ${when}, p50`, median(asked), 'ms')
    printFigure(`{ __typename } asked by another process, ${when}, p99`, percentile(asked, 0.99), 'ms')
  }
  return met.every(Boolean)
}

async function ask<Answer>(server: ChildProcess, order: ServerOrder): Promise<Answer> {
  server.send(order)
  const answers: readonly unknown[] = await once(server, 'message')
  return answers[0] as Answer // what the server sends to such an order
}
