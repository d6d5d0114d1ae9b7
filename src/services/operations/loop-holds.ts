import type { Clock } from '../../core/clock.ts'
import type { LoopHold } from '../../core/loop.ts'

/** The operation that something is done for. */
export type HeldBy = Pick<LoopHold, 'operation' | 'operationName' | 'requestId'>

/** What held the event loop of this process lately, and for whom. All of it returns at once and never throws. */
export interface LoopHolds {
  /** The operation is under way until the result is called. */
  begin(by: HeldBy): () => void
  /** Something took so many ms without a break. What was too short to matter is passed over. */
  note(what: LoopHold['what'], ms: number, by: HeldBy | null): void
  /** It was seen from outside that the loop stood still for so many ms, up to now. Passed over where it was noted why. */
  stoodStill(ms: number): void
  /** The longest of the last ten minutes, longest first. */
  read(): readonly LoopHold[]
}

/** Holds that are shorter are nothing to tell of, in ms: an answer is late by them, and nobody notices. */
export const shortestHoldMs = 20
const keepMs = 10 * 60_000
const maxHolds = 50
/** How many operations under way are known by name; of more, only the first. */
const maxUnderWay = 1_000

const nobody: HeldBy = { operation: null, operationName: null, requestId: null }

export function createLoopHolds(clock: Clock): LoopHolds {
  const underWay = new Set<HeldBy>()
  let holds: LoopHold[] = []

  function add(what: LoopHold['what'], ms: number, by: HeldBy | null): void {
    const at = clock.now()
    const { operation, operationName, requestId } = by ?? nobody
    holds.push({ at, ms, what, operation, operationName, requestId })
    holds = longest(holds, at)
  }

  return {
    begin(by) {
      if (underWay.size >= maxUnderWay) return () => {}
      underWay.add(by)
      return () => void underWay.delete(by)
    },
    note(what, ms, by) {
      if (ms >= shortestHoldMs) add(what, ms, by)
    },
    stoodStill(ms) {
      if (ms < shortestHoldMs) return
      const since = clock.now() - ms - shortestHoldMs
      const known = holds.filter(({ at }) => at >= since).reduce((sum, hold) => sum + hold.ms, 0)
      if (known >= ms / 2) return
      const [first = null] = underWay
      add('unknown', ms, first)
    },
    read: () => longest(holds, clock.now()),
  }
}

function longest(holds: readonly LoopHold[], now: number): LoopHold[] {
  return holds
    .filter(({ at }) => at > now - keepMs)
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, maxHolds)
}
