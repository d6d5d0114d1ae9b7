import type { WorkClass } from '../../core/shedding.ts'
import type { Admission } from '../../services/operations/shedding/admission.ts'
import type { WorkClasses } from './shedding-classes.ts'

/** What a door decides of a request by its raw body: `as` is what it was taken as, `null` where the gate is to decide. */
export type EarlyVerdict = { readonly isRefused: true } | { readonly isRefused: false; readonly as: WorkClass | null }

/** How doors refuse what is too much, before they have done anything for it. */
export interface DoorShedding extends Pick<Admission, 'admit' | 'retryAfterSeconds'> {
  /** Whether it is worth looking at a body before it is read: refusing must cost far less than serving then. */
  readonly isUp: boolean
  /** Looks at the body of a request to `/graphql`, as it came. What it refuses is counted. */
  judge(body: Buffer): EarlyVerdict
}

/** How much of a body is looked at, in bytes: more than the text of any operation has. */
const lookedAtBytes = 65_536

const refused: EarlyVerdict = { isRefused: true }

export function createDoorShedding(admission: Admission, classes: () => Pick<WorkClasses, 'guess'>): DoorShedding {
  return {
    admit: (workClass) => admission.admit(workClass),
    retryAfterSeconds: () => admission.retryAfterSeconds(),
    get isUp() {
      return admission.pressure > 0
    },
    judge(body) {
      const as = classes().guess(body.toString('latin1', 0, lookedAtBytes))
      return as !== null && admission.refuses(as) ? refused : { isRefused: false, as }
    },
  }
}
