import type { ErrorCode } from '../../../src/core/errors.ts'
import type { People, Person } from './open-people.ts'

type Variables = Readonly<Record<string, unknown>>

/** A mutation and how it is called by who wants it to work: everything that is not like that has to be refused. */
export interface BadInputRow {
  readonly mutation: string
  /** One variable for each value; selects `__typename` and the code of a refusal. */
  readonly document: string
  /** An administrator calls it; without it somebody who is none. */
  readonly byAdministrator?: true
  /** What works for the person, who is brought to where it does. */
  readonly good: (person: Person, people: People) => Variables | Promise<Variables>
  /** The variables that are texts, with the code that every bad text is refused with. What is of another kind is `BAD_REQUEST`. */
  readonly texts: Readonly<Record<string, ErrorCode>>
  /** The variables that need not be given. */
  readonly optional?: readonly string[]
  /** The code that the same call gets a second time; `null`: it works again. */
  readonly again: ErrorCode | null
  /** How many of twenty of the same at once may work. */
  readonly winners: { readonly least: number; readonly most: number }
  /** The codes of those that do not, where they are others than `again`. */
  readonly losers?: readonly ErrorCode[]
  /** What belongs to somebody else, or is for something else, with the code of the refusal. */
  readonly foreign?: {
    readonly variables: (other: Person, people: People) => Variables | Promise<Variables>
    readonly code: ErrorCode
  }
  /** When what works is over, and how it is refused from then on. */
  readonly expires?: {
    readonly afterMs: number
    readonly code: ErrorCode
    /** The code a moment before, where it does not work any more for another reason. */
    readonly before?: ErrorCode
  }
  /** It asks for factors that were shown within five minutes. */
  readonly asksForStepUp?: true
}
