/** One thing that is open at a door. */
export interface DrainMember {
  /** It has ended. */
  leave(): void
}

export interface DrainCalls {
  /** Asks it to end. */
  readonly wake: () => void
  /** Ends it without asking. */
  readonly force: () => void
}

/** Everything that is open at a door, so that it can be closed a little at a time. */
export interface Drain {
  /** Whether nothing new may be opened. */
  readonly started: boolean
  join(calls: DrainCalls): DrainMember
  /** Wakes all members at different moments, forces who is left after `drainMs`, and resolves when all have left. */
  close(drainMs: number): Promise<void>
}

/** A drain that wakes its members over a share of the time that it has; the rest is for them to end. */
export function createDrain(wakingShare = 0.8): Drain {
  /** Each with the timer that will wake it, once there is one. */
  const members = new Map<DrainCalls, NodeJS.Timeout | undefined>()
  const woken = new WeakSet<DrainCalls>()
  const emptied = Promise.withResolvers<void>()
  let started = false

  function wake(calls: DrainCalls): void {
    if (!members.has(calls) || woken.has(calls)) return
    woken.add(calls)
    calls.wake()
  }

  return {
    get started() {
      return started
    },
    join(calls) {
      members.set(calls, undefined)
      // Who was on the way in when the drain started ends at once.
      if (started) queueMicrotask(() => wake(calls))
      return {
        leave() {
          // A timer of somebody who has gone would keep the process alive.
          clearTimeout(members.get(calls))
          members.delete(calls)
          if (started && members.size === 0) emptied.resolve()
        },
      }
    },
    async close(drainMs) {
      started = true
      if (members.size === 0) return
      // Spread, so that the clients do not fall upon the next server in one moment.
      for (const [calls, timer] of members) {
        clearTimeout(timer)
        members.set(calls, setTimeout(wake, Math.random() * wakingShare * drainMs, calls))
      }
      const deadline = setTimeout(() => {
        for (const calls of members.keys()) calls.force()
      }, drainMs)
      await emptied.promise
      clearTimeout(deadline)
    },
  }
}
