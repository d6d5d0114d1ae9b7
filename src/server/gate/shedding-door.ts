import { refusedShare, type WorkClass } from '../../core/shedding.ts'
import type { Admission } from '../../services/operations/shedding/admission.ts'
import { createAllowance } from './shedding-allowance.ts'
import type { WorkClasses } from './shedding-classes.ts'

/** What a door decides of a request by its raw body: `as` is what it was taken as, `null` where the gate is to decide. */
export type EarlyVerdict = { readonly isRefused: true } | { readonly isRefused: false; readonly as: WorkClass | null }

/** How doors refuse what is too much, before they have done anything for it. */
export interface DoorShedding extends Pick<Admission, 'admit' | 'retryAfterSeconds'> {
  /** Whether it is worth looking at a body before it is read: refusing must cost far less than serving then. */
  readonly isUp: boolean
  /**
   * Looks at the body of a request to `/graphql`, as it came, and at whether anything came that may be a credential. What it
   * refuses is counted.
   */
  judge(body: Buffer, hasCredential: boolean): EarlyVerdict
}

/** How much of a body is looked at, in bytes: more than the text of any operation has. */
const lookedAtBytes = 65_536
/** How many requests get to the gate for what they seem to be: anybody can make one seem so, and finding out costs ten times a refusal. */
const leftToGate = { burst: 50, perSecond: 50 }

const refused: EarlyVerdict = { isRefused: true }

export function createDoorShedding(
  admission: Admission,
  classes: () => Pick<WorkClasses, 'guess' | 'maySpare'>,
): DoorShedding {
  const mayPass = createAllowance(leftToGate)
  return {
    admit: (workClass) => admission.admit(workClass),
    retryAfterSeconds: () => admission.retryAfterSeconds(),
    get isUp() {
      return admission.pressure > 0
    },
    judge(body, hasCredential) {
      const text = body.toString('latin1', 0, lookedAtBytes)
      const as = classes().guess(text)
      const isLeft = hasCredential && refusedShare(as, admission.pressure) > 0 && classes().maySpare(text) && mayPass()
      if (isLeft) return { isRefused: false, as: null }
      return admission.refuses(as) ? refused : { isRefused: false, as }
    },
  }
}
