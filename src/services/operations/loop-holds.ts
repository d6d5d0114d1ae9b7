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
  /** It was seen from outside that the loop stood still for so many ms, up to now. Passed over where it is noted why, before or after. */
  stoodStill(ms: number): void
  /** The longest of the last ten minutes, longest first; at most 50. */
  read(): readonly LoopHold[]
}

/** Holds that are shorter are nothing to tell of, in ms: an answer is late by them, and nobody notices. */
export const shortestHoldMs = 20
const keepMs = 10 * 60_000
const maxHolds = 50
/** How many operations under way are known by name; of more, only the first. */
const maxUnderWay = 1_000
/** How much of a name is kept, in characters: clients make up some. */
const maxName = 100
/** How long after a stall the reason for it may be told, in ms: the garbage collector's is a few turns of the loop late. */
const tellingMs = 100

const nobody: HeldBy = { operation: null, operationName: null, requestId: null }

export function createLoopHolds(clock: Clock): LoopHolds {
  const underWay = new Set<HeldBy>()
  let holds: LoopHold[] = []

  function add(what: LoopHold['what'], ms: number, by: HeldBy | null): void {
    const at = clock.now()
    const { operation, operationName, requestId } = by ?? nobody
    holds.push({
      at,
      ms,
      what,
      operation: bounded(operation),
      operationName: bounded(operationName),
      requestId: bounded(requestId),
    })
    holds = worthKeeping(holds, at)
  }

  return {
    begin(by) {
      if (underWay.size >= maxUnderWay) return () => {}
      // The same operation may be begun twice, and ends twice.
      const begun = { ...by }
      underWay.add(begun)
      return () => void underWay.delete(begun)
    },
    note(what, ms, by) {
      if (ms >= shortestHoldMs) add(what, ms, by)
    },
    stoodStill(ms) {
      if (ms < shortestHoldMs) return
      // What was begun last is most likely what has just run.
      add('unknown', ms, Array.from(underWay).at(-1) ?? null)
    },
    read: () => worthKeeping(holds, clock.now()),
  }
}

/** The longest of those that are not too old. A stall goes when what was noted about the same time makes up half of it. */
function worthKeeping(holds: readonly LoopHold[], now: number): LoopHold[] {
  const young = holds.filter(({ at }) => at > now - keepMs)
  const noted = young.filter(({ what }) => what !== 'unknown')
  return young
    .filter((hold) => hold.what !== 'unknown' || explained(hold, noted) < hold.ms / 2)
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, maxHolds)
}

/** How many ms of a stall others account for. */
function explained(stall: LoopHold, noted: readonly LoopHold[]): number {
  const since = stall.at - stall.ms - shortestHoldMs
  return noted
    .filter(({ at }) => at >= since && at <= stall.at + tellingMs)
    .reduce((sum, { ms }) => sum + Math.min(ms, stall.ms), 0)
}

function bounded(name: string | null): string | null {
  return name === null || name.length <= maxName ? name : `${name.slice(0, maxName).toWellFormed()}…`
}
