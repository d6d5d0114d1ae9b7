import type { Span } from '../messages.ts'
import type { Pool } from './pool.ts'

/** Has bursts of events published, each as soon as everybody has the one before it, for so long and twice at the least. */
export async function measure(
  pool: Pool,
  { burst, size, ms }: { readonly burst: number; readonly size: number; readonly ms: number },
): Promise<Span> {
  const before = await pool.control.usage()
  const started = performance.now()
  let bursts = 0
  while (bursts < 2 || performance.now() - started < ms) {
    await pool.publish(burst, size)
    bursts += 1
  }
  const took = performance.now() - started
  const after = await pool.control.usage()
  const events = bursts * burst
  return {
    events,
    deliveries: events * pool.subscribers.length,
    cpuUs: after.cpuUs - before.cpuUs,
    ms: took,
    stalled: pool.stalled.filter((subscriber) => subscriber.isOpen).length,
  }
}
