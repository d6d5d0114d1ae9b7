import type { AlertReading } from '../../../core/alerts.ts'
import type { MemoryGrowth } from '../../../core/memory.ts'
import type { HeldPoint } from './growth-of.ts'
import type { MemoryLimits } from './process-memory.ts'
import type { LeakingThread } from './threads-memory.ts'

const megabyte = 2 ** 20

/** Megabytes (2^20 bytes) as people read them. */
function inMegabytes(bytes: number): string {
  return (bytes / megabyte).toLocaleString('en', { maximumFractionDigits: 1 })
}

export function heapHigh(value: number, { heapBytes: limit }: MemoryLimits): AlertReading {
  const message = `The JavaScript heap holds ${inMegabytes(value)} MB after garbage collection, over the ${inMegabytes(limit)} MB of MEMORY_HEAP_MB.`
  return { value, limit, unit: 'BYTES', message }
}

export function externalHigh(value: number, { externalBytes: limit }: MemoryLimits): AlertReading {
  const message = `Buffers and other memory outside of the heap hold ${inMegabytes(value)} MB after garbage collection, over the ${inMegabytes(limit)} MB of MEMORY_EXTERNAL_MB.`
  return { value, limit, unit: 'BYTES', message }
}

export function rssHigh(value: number, { rssBytes: limit }: MemoryLimits): AlertReading {
  const message = `The process has ${inMegabytes(value)} MB of memory, and has had more than the ${inMegabytes(limit)} MB of MEMORY_RSS_MB for a while.`
  return { value, limit, unit: 'BYTES', message }
}

/** What was judged, and by what. */
export interface Grown {
  readonly growth: MemoryGrowth | null
  readonly points: readonly HeldPoint[]
}

/** Of the main thread. */
export function mainGrows(grown: Grown, limits: MemoryLimits): AlertReading {
  return grows('What the process holds after garbage collection', grown, limits)
}

export function threadGrows({ threadId, recentTasks, judge }: LeakingThread, limits: MemoryLimits): AlertReading {
  const tasks = recentTasks.length === 0 ? '' : `, which ran ${recentTasks.join(', ')} last,`
  return grows(`What thread ${threadId}${tasks} holds after garbage collection`, judge, limits)
}

function grows(what: string, { growth, points }: Grown, { growthBytesPerMinute: limit }: MemoryLimits): AlertReading {
  const value = growth?.bytesPerMinute ?? 0
  const minutes = ((growth?.overMs ?? 0) / 60_000).toLocaleString('en', { maximumFractionDigits: 1 })
  const [from, to] = [points[0], points.at(-1)].map((point) => inMegabytes(point?.bytes ?? 0))
  const message = `${what} has grown steadily by ${inMegabytes(value)} MB a minute, from ${from} to ${to} MB within ${minutes} minutes and ${points.length} collections: more than the ${inMegabytes(limit)} MB a minute of MEMORY_GROWTH_MB_PER_MINUTE. It may be a leak.`
  return { value, limit, unit: 'BYTES_PER_MINUTE', message }
}
