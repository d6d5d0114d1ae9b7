import { setTimeout as sleep } from 'node:timers/promises'
import type { Span } from '../messages.ts'
import { defaultSize } from '../system.ts'
import type { Pool } from './pool.ts'

/** How long a server must rest, and what of that it may use, to have taken in all requests. */
const restMs = 40
const restUs = 4000

/** As `measure` for clients that poll, without what their requests cost: they ask again when it is not measured. */
export async function held(pool: Pool, { burst, ms }: { readonly burst: number; readonly ms: number }): Promise<Span> {
  const { control, subscribers } = pool
  let [bursts, cpuUs, took] = [0, 0, 0]
  while (bursts < 2 || took < ms) {
    await untilResting(pool)
    for (const subscriber of subscribers) subscriber.hold?.()
    const before = await control.usage()
    const started = performance.now()
    await pool.publish(burst, defaultSize)
    took += performance.now() - started
    cpuUs += (await control.usage()).cpuUs - before.cpuUs
    bursts += 1
    for (const subscriber of subscribers) subscriber.goOn?.()
  }
  const events = bursts * burst
  return { events, deliveries: bursts * subscribers.length, cpuUs, ms: took, stalled: 0 }
}

async function untilResting({ control }: Pool): Promise<void> {
  for (let used = Number.POSITIVE_INFINITY, last = 0; used > restUs;) {
    const { cpuUs } = await control.usage()
    used = last === 0 ? used : cpuUs - last
    last = cpuUs
    if (used > restUs) await sleep(restMs)
  }
}
