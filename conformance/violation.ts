import { isDeepStrictEqual } from 'node:util'

/** A server that does not do what a rule says. The message tells what was seen. */
export class Violation extends Error {
  constructor(seen: string) {
    super(seen)
    this.name = 'Violation'
  }
}

/** A check that cannot be made here, for which the server may be to blame. The message says why. */
export class Impossible extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'Impossible'
  }
}

/** A check that cannot be made because the run was not given what it takes. The message says what. */
export class NotAsked extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'NotAsked'
  }
}

/** Throws a `Violation` that tells what was seen, unless the condition holds. */
export function must(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Violation(seen)
}

/** Throws a `Violation` unless both are equal member by member. */
export function mustEqual(seen: unknown, expected: unknown, what: string): void {
  must(isDeepStrictEqual(seen, expected), `${what}: expected ${show(expected)}, seen ${show(seen)}`)
}

/** A value as text of a bounded length, for a line of the report. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 240 ? text : `${text.slice(0, 200)}… (${text.length} characters)`
}
