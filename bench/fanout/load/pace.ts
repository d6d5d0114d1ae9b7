import { setTimeout as sleep } from 'node:timers/promises'
import type { Pace } from '../messages.ts'
import { defaultSize } from '../system.ts'
import type { Pool } from './pool.ts'
import { receiveMore } from './tally.ts'

/** Has events published at a fixed pace, whether those before have arrived or not. */
export async function pace(
  { control, subscribers, tally, failed }: Pool,
  { perSecond, ms }: { readonly perSecond: number; readonly ms: number },
): Promise<Pace> {
  const events = Math.max(2, Math.round((perSecond * ms) / 1000))
  const before = await control.usage()
  const delays: number[] = []
  tally.delays = delays
  const started = performance.now()
  const all = receiveMore(tally, events * subscribers.length, ms + 60_000)
  for (let event = 0; event < events; event += 1) {
    await sleep(Math.max(0, started + (event * 1000) / perSecond - performance.now()))
    control.publish(1, defaultSize)
  }
  await Promise.race([all, failed])
  const seconds = (performance.now() - started) / 1000
  tally.delays = null
  const { cpuUs } = await control.usage()
  const sorted = Float64Array.from(delays, (us) => us / 1000).toSorted()
  return {
    p50: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    perSecond: delays.length / seconds,
    cpuUs: cpuUs - before.cpuUs,
  }
}
