import { pressureOf, refusedShare, type WorkClass } from '../../../core/shedding.ts'

/** How much was refused of each class so far. */
export type RefusedSoFar = Readonly<Record<WorkClass, number>>

export interface Rise {
  readonly before: number
  readonly wanted: number
  /** Whether the limit is exceeded. */
  readonly isOver: boolean
  readonly ms: number
  readonly refused: RefusedSoFar
}

/** What the pressure may become of what is wanted. */
export type ClassByClass = (rise: Rise) => number

/** How long it is seen what refusing all of a class does, in ms: the loop's delay is the least of 200 ms, and two samples more. */
const dwellMs = 300

/** Where all of a class is refused, and none of the next one. */
const brinks: readonly (readonly [pressure: number, below: WorkClass])[] = [
  [pressureOf('work'), 'work'],
  [pressureOf('work', 'change'), 'change'],
]

/**
 * Stops a rise at each brink until it has been seen whether refusing all of the class below is enough: the next one is touched only while
 * the limit is exceeded in spite of it. Where none of the class below was there to be refused, there is nothing to wait for.
 */
export function createClassByClass(): ClassByClass {
  let heldMs = 0
  let last: RefusedSoFar = { work: 0, change: 0, read: 0 }

  return ({ before, wanted, isOver, ms, refused }) => {
    const seen = last
    last = refused
    for (const [pressure, below] of brinks) {
      if (before > pressure || wanted <= pressure) continue
      const isAbsent = refusedShare(below, before) > 0 && refused[below] === seen[below]
      if (isOver && isAbsent) continue
      heldMs = before < pressure ? 0 : heldMs + ms
      if (!isOver || heldMs < dwellMs) return pressure
    }
    return wanted
  }
}
