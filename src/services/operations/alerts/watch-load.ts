import type { AlertReading } from '../../../core/alerts.ts'
import type { ProcessLoad } from '../../../core/cluster.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import { heldFor } from './held-for.ts'

export interface WatchLoadOptions {
  readonly alarms: Pick<Alarms, 'set'>
  readonly clock: Clock
  load(): Pick<ProcessLoad, 'bus' | 'threads' | 'zombieThreads' | 'loopDelayP99Ms' | 'loopDelayMaxMs'>
}

const everyMs = 1_000
/** How late the loop may be for a while, in ms: beyond that people notice it in every answer. */
const loopDelayMs = 200
const busTimes = { riseMs: 10_000, fallMs: 10_000 }
const threadTimes = { riseMs: 10_000, fallMs: 10_000 }
const loopTimes = { riseMs: 10_000, fallMs: 30_000 }

/** Raises `BUS_DOWN`, `THREADS_LOST` and `LOOP_DELAYED` by what the process tells of itself each second. Call the result to stop. */
export function watchLoad({ alarms, clock, load }: WatchLoadOptions): () => void {
  const looks = [lookAtBus(alarms), lookAtThreads(alarms), lookAtLoop(alarms)]
  const timer = setInterval(() => {
    const seen = load()
    for (const look of looks) look(seen, clock.now())
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

type Look = (load: ReturnType<WatchLoadOptions['load']>, now: number) => void

function lookAtBus(alarms: Pick<Alarms, 'set'>): Look {
  const isHeld = heldFor(busTimes)
  let reading: AlertReading | null = null
  return ({ bus }, now) => {
    if (!bus.isLive) {
      const value = now - bus.since
      const message = `Messages between processes (${bus.kind}) have not come through for ${Math.round(value / 1_000)} s.`
      reading = { value, limit: busTimes.riseMs, unit: 'MILLISECONDS', message }
    }
    alarms.set('BUS_DOWN', isHeld(!bus.isLive, now, bus.since) ? reading : null)
  }
}

function lookAtThreads(alarms: Pick<Alarms, 'set'>): Look {
  const isHeld = heldFor(threadTimes)
  return ({ threads, zombieThreads: value }, now) => {
    const message = `${value} of ${threads} threads were ended and are held by native code all the same.`
    alarms.set('THREADS_LOST', isHeld(value > 0, now) ? { value, limit: 0, unit: 'COUNT', message } : null)
  }
}

function lookAtLoop(alarms: Pick<Alarms, 'set'>): Look {
  const isHeld = heldFor(loopTimes)
  return ({ loopDelayP99Ms, loopDelayMaxMs }, now) => {
    const isLate = loopDelayP99Ms > loopDelayMs
    // One delay may be longer than the second between two looks.
    const isRaised = isHeld(isLate, now, isLate ? now - loopDelayMaxMs : now)
    const value = Math.round(loopDelayP99Ms)
    const message = `The event loop was late by ${value} ms (99 of 100 times at most) in the last second.`
    alarms.set('LOOP_DELAYED', isRaised ? { value, limit: loopDelayMs, unit: 'MILLISECONDS', message } : null)
  }
}
