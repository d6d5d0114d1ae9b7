import { Agent } from 'node:http'
import type { LatencyOrder } from './latencies.ts'
import { post } from './post.ts'

/** A process of its own, so that what it does is not what is measured. */

const paceMs = 10

let stop = () => {}

process.on('message', (order: LatencyOrder) => {
  if (order === 'stop') stop()
  else measureLatency(order.port)
})

/** One request every 10 ms, whether the ones before it were answered or not. */
function measureLatency(port: number): void {
  const agent = new Agent({ keepAlive: true })
  const measured: Promise<number>[] = []
  const timer = setInterval(() => {
    const started = performance.now()
    const asked = post(port, { query: '{ __typename }' }, { agent })
    measured.push(asked.then(() => performance.now() - started))
  }, paceMs)
  stop = () => {
    clearInterval(timer)
    void Promise.all(measured).then((latencies) => {
      agent.destroy()
      process.send?.(latencies)
    })
  }
}
