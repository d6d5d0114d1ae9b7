import { vi } from 'vitest'
import type { AlertKind, AlertReading } from '../../../../src/core/alerts.ts'
import type { HeldMemory } from '../../../../src/core/memory.ts'
import type { PoolThreadMemory } from '../../../../src/ports/compute-pool.ts'
import type { MemoryProbe } from '../../../../src/ports/memory-probe.ts'
import { createMemoryWatch, type MemoryWatch } from '../../../../src/services/operations/memory/memory-watch.ts'
import { usualPace } from '../../../../src/services/operations/memory/memory-pace.ts'
import { collectingLogger, type CollectingLogger } from '../../../support/collecting-logger.ts'
import { fakeClock } from '../../../support/fake-clock.ts'

export const megabyte = 2 ** 20

/** How a heap behaves; all in MB, and minutes since the start. */
export interface ScriptedHeap {
  /** What is held. */
  readonly held: (minute: number) => number
  /** How much garbage is made in a minute, and how much may lie around until the collector comes by itself. */
  readonly garbagePerMinute?: number
  readonly collectedAt?: number
  readonly external?: (minute: number) => number
  readonly rss?: (minute: number) => number
}

export interface ScriptedProcess extends Disposable {
  readonly watch: MemoryWatch
  readonly lines: CollectingLogger['lines']
  /** What is raised, and when, in minutes. */
  readonly raised: ReadonlyMap<AlertKind, AlertReading>
  readonly everRaised: readonly { readonly kind: AlertKind; readonly minute: number }[]
  /** How many collections the watch asked for. */
  readonly asked: number
  minute(): number
  /** Lives on for so many minutes. */
  live(minutes: number): Promise<void>
}

const stepMs = 5_000
/** What a collection takes, in ms for each MB. */
const pausePerMb = 0.5

/** A process without a heap, on a clock of its own. Fake `setInterval` before. */
export function openScriptedProcess(
  heap: ScriptedHeap,
  { threads = () => [], logMs = 0 }: { threads?: (minute: number) => readonly PoolThreadMemory[]; logMs?: number } = {},
): ScriptedProcess {
  const clock = fakeClock()
  const startedAt = clock.now()
  const minute = () => (clock.now() - startedAt) / 60_000
  const listeners = new Set<(held: HeldMemory) => void>()
  let garbage = 0
  let asked = 0
  const external = () => (heap.external?.(minute()) ?? 0) * megabyte
  const collect = (): HeldMemory => {
    garbage = 0
    return { at: clock.now(), heapUsed: heap.held(minute()) * megabyte, external: external() }
  }
  const probe: MemoryProbe = {
    sample() {
      const heapUsed = (heap.held(minute()) + garbage) * megabyte
      const rss = (heap.rss?.(minute()) ?? 0) * megabyte
      return {
        at: clock.now(),
        rss,
        heapUsed,
        heapTotal: heapUsed,
        heapLimit: 4096 * megabyte,
        external: external(),
        arrayBuffers: 0,
      }
    },
    spaces: () => [],
    onCollection: () => () => {},
    onFullCollection(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async collectNow() {
      asked += 1
      const held = collect()
      return { ...held, pauseMs: (held.heapUsed / megabyte) * pausePerMb }
    },
    [Symbol.dispose]() {},
  }
  const raised = new Map<AlertKind, AlertReading>()
  const everRaised: { kind: AlertKind; minute: number }[] = []
  const alarms = {
    set(kind: AlertKind, reading: AlertReading | null) {
      if (reading === null) return void raised.delete(kind)
      if (!raised.has(kind)) everRaised.push({ kind, minute: minute() })
      raised.set(kind, reading)
    },
    get raised() {
      return [...raised.keys()]
    },
  }
  const logger = collectingLogger()
  const memory = async () => threads(minute())
  const pool = {
    memory,
    collect: async (threadId: number) => threads(minute()).find((thread) => thread.threadId === threadId) ?? null,
  }
  const limits = {
    heapBytes: 1024 * megabyte,
    rssBytes: 2048 * megabyte,
    externalBytes: 1024 * megabyte,
    growthBytesPerMinute: 10 * megabyte,
    logMs,
  }
  const watch = createMemoryWatch({ probe, pool, alarms, clock, logger, limits, pace: usualPace })

  return {
    watch,
    lines: logger.lines,
    raised,
    everRaised,
    get asked() {
      return asked
    },
    minute,
    async live(minutes) {
      for (let ms = 0; ms < minutes * 60_000; ms += stepMs) {
        clock.advance(stepMs)
        garbage += ((heap.garbagePerMinute ?? 0) * stepMs) / 60_000
        if (garbage > (heap.collectedAt ?? Number.POSITIVE_INFINITY)) {
          const held = collect()
          for (const listener of listeners) listener(held)
        }
        await vi.advanceTimersByTimeAsync(stepMs)
      }
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  }
}
