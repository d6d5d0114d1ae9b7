import { constants, performance, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '../../core/clock.ts'
import type { HeldMemory, MemorySample } from '../../core/memory.ts'
import { onceForAll } from '../../core/once-for-all.ts'
import type { Collection, CollectedMemory, MemoryProbe } from '../../ports/memory-probe.ts'

const kinds: ReadonlyMap<unknown, Collection['kind']> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/**
 * The memory of this process by its own accounting. `collectNow` was measured to stand still for 75 ms with 75 MB of small objects held,
 * 200 ms with 460 MB, and half of that with strings and large arrays: at most about 1 ms for each MB.
 */
export function openMemoryProbe(clock: Clock): MemoryProbe {
  const pauseListeners = new Set<(collection: Collection) => void>()
  const fullListeners = new Set<(held: HeldMemory) => void>()
  let collect: CollectAll | null = null

  function held(): HeldMemory {
    // A sixth of what `process.memoryUsage` costs, which reads what the system says besides.
    const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics()
    return { at: clock.now(), heapUsed, external }
  }

  const observer = new PerformanceObserver((list) => {
    const collections = list.getEntries().flatMap(readCollection)
    for (const collection of collections) for (const listener of pauseListeners) listener(collection)
    if (fullListeners.size === 0 || !collections.some(({ kind }) => kind === 'major')) return
    const now = held()
    for (const listener of fullListeners) listener(now)
  })
  observer.observe({ entryTypes: ['gc'] })

  async function collectAll(): Promise<CollectedMemory> {
    collect ??= openCollector()
    const before = performance.eventLoopUtilization()
    await collect({ type: 'major', execution: 'async' })
    // Buffers that it freed are counted until the next collection, however small.
    await collect({ type: 'minor', execution: 'async' })
    return { ...held(), pauseMs: performance.eventLoopUtilization(before).active }
  }

  return {
    sample: () => readSample(clock.now()),
    spaces: () =>
      getHeapSpaceStatistics().map((space) => ({
        name: space.space_name,
        usedBytes: space.space_used_size,
        sizeBytes: space.space_size,
      })),
    onCollection: (listener) => join(pauseListeners, listener),
    onFullCollection: (listener) => join(fullListeners, listener),
    collectNow: onceForAll(collectAll),
    [Symbol.dispose]() {
      observer.disconnect()
      pauseListeners.clear()
      fullListeners.clear()
    },
  }
}

function readSample(at: number): MemorySample {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  return { at, rss, heapUsed, heapTotal, heapLimit: getHeapStatistics().heap_size_limit, external, arrayBuffers }
}

function readCollection({ detail, duration }: { readonly detail?: unknown; readonly duration: number }): Collection[] {
  const kind = kinds.get(typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : null)
  return kind === undefined ? [] : [{ kind, ms: duration }]
}

function join<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

type CollectAll = (options: { readonly type: 'major' | 'minor'; readonly execution: 'async' }) => Promise<void>

/**
 * V8 gives its own function for it to contexts that are made while the flag is set. Without it in between: no thread of a task
 * gets it.
 */
function openCollector(): CollectAll {
  setFlagsFromString('--expose-gc')
  try {
    // The flag has the name mean this function.
    return runInNewContext('gc') as CollectAll
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
