import type { Logger } from '../../ports/logger.ts'
import { promote, sweep, type SweepOptions } from './sweep.ts'

export interface SweeperOptions extends SweepOptions {
  readonly logger: Logger
  /** About how many ms lie between two sweeps. */
  readonly everyMs: number
  /** Called when jobs have become QUEUED. */
  found(): void
  /** Done before each sweep. */
  lookAround(): Promise<void>
}

/** Sweeps again and again, and makes scheduled jobs QUEUED when they are due. */
export interface Sweeper extends AsyncDisposable {
  /** A job is due at that time (ms since 1970): looks then, if that is before the next sweep. */
  due(at: number): void
  /** Sweeps at once, and once more where a sweep is under way. */
  sweepNow(): void
}

/** At least so many ms lie between two looks, however many jobs are due one after the other. */
const leastPauseMs = 10

/**
 * Begins with a pause. Several nodes sweep at different times, for the pause is half to one and a half of what is asked.
 * When the next job is due is read off the ledger after each look, so a clock that was turned is noticed at the next sweep.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { store, clock, logger, everyMs, found } = options
  const alarm = createAlarm()
  let nextSweepAt = 0
  let stopped = false

  function plan(): void {
    nextSweepAt = performance.now() + everyMs * (0.5 + Math.random())
  }

  /** By the next sweep in any case. */
  function lookBy(time: number): void {
    if (!stopped) alarm.ringBy(Math.min(time, nextSweepAt))
  }

  const due = (at: number) => lookBy(performance.now() + Math.max(leastPauseMs, at - clock.now()))

  function sweepNow(): void {
    nextSweepAt = 0
    lookBy(0)
  }

  async function look(isSweep: boolean): Promise<void> {
    if (isSweep) nextSweepAt = Infinity
    try {
      if ((await (isSweep ? sweepAround(options) : promote(options))) > 0) found()
    } finally {
      // Unless another one was asked for meanwhile.
      if (nextSweepAt === Infinity) plan()
      lookBy(nextSweepAt)
    }
    const next = await store.read(({ ledger }) => ledger.nextDue())
    if (next !== null) due(next)
  }

  async function run(): Promise<void> {
    plan()
    due(clock.now())
    for (;;) {
      await alarm.rung()
      if (stopped) return
      try {
        await look(performance.now() >= nextSweepAt)
      } catch (error) {
        logger.warn({ error: String(error) }, 'The ledger could not be swept; it is tried again.')
      }
    }
  }

  const running = run()
  return {
    due,
    sweepNow,
    async [Symbol.asyncDispose]() {
      stopped = true
      alarm.ringBy(0)
      await running
    },
  }
}

async function sweepAround(options: SweeperOptions): Promise<number> {
  await options.lookAround()
  return sweep(options)
}

/** A single timer that goes off at the earliest of the times asked for since it last did. */
interface Alarm {
  /** In ms of `performance.now()`. */
  ringBy(time: number): void
  /** Resolves when it goes off, or at once where it did so unheard. */
  rung(): Promise<void>
}

function createAlarm(): Alarm {
  let ringing = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let ringsAt = Infinity

  function ring(): void {
    ringsAt = Infinity
    ringing.resolve()
  }

  return {
    ringBy(time) {
      if (time >= ringsAt) return
      ringsAt = time
      clearTimeout(timer)
      timer = setTimeout(ring, Math.max(0, time - performance.now()))
    },

    async rung() {
      await ringing.promise
      ringing = Promise.withResolvers()
    },
  }
}
