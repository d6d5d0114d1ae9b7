import type { ApiClient } from '../open-api.ts'

/** Somebody who is signed in, with a second session and an API key. */
export interface Person {
  readonly email: string
  readonly password: string
  readonly client: ApiClient
  readonly otherSessionId: string
  /** An API key of theirs. */
  readonly apiKeyId: string
}

type Variables = Readonly<Record<string, unknown>>

/** A mutation and how it is called by who wants it to work: everything that is not like that has to be refused. */
export interface BadInputRow {
  readonly mutation: string
  /** One variable for each value; selects `__typename` and the code of a refusal. */
  readonly document: string
  /** What works for the person. */
  readonly good: (person: Person) => Variables
  /** The variables that are texts: each is replaced by every bad text. */
  readonly texts: readonly string[]
  /** The variables that need not be given. */
  readonly optional?: readonly string[]
  /** The code that the same call gets a second time; `null`: it works again. */
  readonly again: string | null
  /** How many of twenty of the same at once may work. */
  readonly winners: { readonly least: number; readonly most: number }
  /** What belongs to somebody else, with the code of the refusal. */
  readonly foreign?: { readonly variables: (other: Person) => Variables; readonly code: string }
}
