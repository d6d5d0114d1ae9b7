import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../src/app.ts'
import { benchConfig, openBenchApp, owner } from './open-millrace.ts'
import type { LoopDelay, ServerOrder } from './server-messages.ts'

/** A server in a process of its own. It ends with the one that started it. */

let app: App | null = null

process.on('message', (order: ServerOrder) => void answer(order).then((value) => process.send?.(value)))
process.on('disconnect', () => void app?.close(0))
// An interrupt of the terminal comes here, too: who started it ends it.
process.on('SIGINT', () => undefined)

async function answer(order: ServerOrder): Promise<unknown> {
  if (order.kind === 'measure') return measure(order.ms, order.busy)
  app = await openBenchApp(benchConfig(order.folder, order.threads))
  return app.listen()
}

/** The monitor counts from one timer to the next: what is over its resolution is delay. */
const resolutionMs = 1

async function measure(ms: number, busy: number): Promise<LoopDelay> {
  const jobs = app?.services.jobs
  if (jobs === undefined) throw new Error('The server is not open.')
  const running = []
  for (let thread = 0; thread < busy; thread += 1) {
    running.push(await jobs.submit(owner, 'computeFibonacci', { n: 45 }))
  }
  // What the start of the threads costs is not what is asked for.
  await sleep(500)
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  await sleep(ms)
  delay.disable()
  for (const { id } of running) await jobs.cancel(owner, id)
  const toMs = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs)
  return { p50: toMs(delay.percentile(50)), p99: toMs(delay.percentile(99)), max: toMs(delay.max) }
}
