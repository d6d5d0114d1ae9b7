import { performance } from 'node:perf_hooks'
import type { ActiveResource, GcFigures } from '../../core/loop.ts'
import type { LoopProbe } from '../../ports/loop-probe.ts'
import type { Collection, MemoryProbe } from '../../ports/memory-probe.ts'
import { activeResources } from './active-resources.ts'

/** How often it is looked whether the loop still turns, and how late a look must be to tell of it, in ms. */
const everyMs = 100
const lateMs = 100
/** How many types of resources are told apart. */
const maxTypes = 30

export interface LoopProbeOptions {
  /** Who tells of the garbage collector's pauses. */
  readonly memory: Pick<MemoryProbe, 'onCollection'>
  /** Hears of each pause; must not throw. */
  onCollection(collection: Collection): void
  /** Hears that the loop stood still for at least so many ms, up to now; must not throw. */
  onStall(ms: number): void
}

/** Watches the process that it runs in. A process that was stopped by a signal looks like one whose loop stood still. */
export function createLoopProbe({ memory, onCollection, onStall }: LoopProbeOptions): LoopProbe {
  const gc = {
    minor: noPauses('minor'),
    major: noPauses('major'),
    incremental: noPauses('incremental'),
    weakcb: noPauses('weakcb'),
  }
  const stop = memory.onCollection((collection) => {
    const { kind, ms } = collection
    const { count, totalMs, maxMs } = gc[kind]
    gc[kind] = { kind, count: count + 1, totalMs: totalMs + ms, maxMs: Math.max(maxMs, ms) }
    onCollection(collection)
  })

  let lookedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const late = now - lookedAt - everyMs
    lookedAt = now
    if (late >= lateMs) onStall(late)
  }, everyMs)
  timer.unref()

  return {
    read: () => ({ gc: Object.values(gc), resources: readResources() }),
    [Symbol.dispose]() {
      clearInterval(timer)
      stop()
    },
  }
}

function noPauses(kind: GcFigures['kind']): GcFigures {
  return { kind, count: 0, totalMs: 0, maxMs: 0 }
}

function readResources(): readonly ActiveResource[] {
  return Object.entries(activeResources())
    .map(([type, count]) => ({ type, count }))
    .toSorted((one, other) => other.count - one.count || one.type.localeCompare(other.type))
    .slice(0, maxTypes)
}
