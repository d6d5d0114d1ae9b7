import { uses } from './fill.ts'
import { isObject, parseJson, textAt, at } from './json.ts'
import type { Operation, Profile } from './target.ts'

/** What is wrong with what the run was given, in a sentence. */
export class ProfileMistake extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProfileMistake'
  }
}

const names = ['subscription', 'trigger', 'finished', 'prepare', 'guarded', 'expire', 'query'] as const
const optional = new Set<keyof Profile>(['prepare', 'guarded', 'expire'])

/** The profile with the operations of a JSON text in the place of its own. Throws a `ProfileMistake`. */
export function readProfile(text: string, byDefault: Profile): Profile {
  const given = parseJson(text)
  if (!isObject(given)) throw new ProfileMistake('The profile must be a JSON object of operations.')
  const strange = Object.keys(given).find((name) => !names.some((known) => known === name))
  if (strange !== undefined) throw new ProfileMistake(`The profile has "${strange}"; it may have ${names.join(', ')}.`)
  const read = Object.entries(given).map(([name, operation]) => {
    // Every name was looked up above.
    const isOptional = optional.has(name as keyof Profile)
    return [name, operation === null && isOptional ? null : toOperation(name, operation)] as const
  })
  return { ...byDefault, ...Object.fromEntries(read) }
}

/** Throws a `ProfileMistake` unless each check can have a log of its own and tell its events apart. */
export function assertUsable({ subscription, trigger }: Profile): void {
  const needed = [
    ['subscription', subscription, 'topic'],
    ['trigger', trigger, 'topic'],
    ['trigger', trigger, 'text'],
  ] as const
  for (const [name, { variables }, placeholder] of needed) {
    if (uses(variables, placeholder)) continue
    throw new ProfileMistake(`The variables of "${name}" must have {{${placeholder}}} in a text of theirs.`)
  }
}

/** An operation of its document and the JSON text of its variables. Throws a `ProfileMistake`. */
export function readOperation(name: string, query: string, variables: string | undefined): Operation {
  return toOperation(name, { query, variables: variables === undefined ? {} : (parseJson(variables) ?? variables) })
}

function toOperation(name: string, value: unknown): Operation {
  const query = textAt(value, 'query')
  const variables = at(value, 'variables') ?? {}
  if (query === null) throw new ProfileMistake(`"${name}" must be an object with a "query".`)
  if (!isObject(variables)) throw new ProfileMistake(`The variables of "${name}" must be a JSON object.`)
  return { query, variables }
}
