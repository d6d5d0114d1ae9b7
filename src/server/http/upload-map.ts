import { Refusal } from '../../core/errors.ts'

/** A place in the variables, from the outside in. */
export type VariablePath = readonly string[]

/** Which places each file of the form belongs at, by the name of its field. */
export type UploadMap = ReadonlyMap<string, readonly VariablePath[]>

const mostPaths = 16
/** Names that reach into every object. */
const forbidden = ['__proto__', 'constructor', 'prototype']

/**
 * Reads the `map` of a GraphQL multipart request and checks that each place is there, within the variables and `null`.
 * Throws `BAD_REQUEST`, and `PAYLOAD_TOO_LARGE` for more files than `maxFiles`.
 */
export function readUploadMap(value: unknown, operations: object, maxFiles: number): UploadMap {
  if (!isContainer(value) || Array.isArray(value)) throw bad('"map" must be a JSON object.')
  const entries = Object.entries(value).map(([field, paths]) => [field, readPaths(field, paths)] as const)
  if (entries.length === 0) throw bad('"map" names no file.')
  if (entries.length > maxFiles) {
    throw new Refusal('PAYLOAD_TOO_LARGE', `At most ${maxFiles} files can be sent in one request.`, { limit: maxFiles })
  }
  const places = entries.flatMap(([, paths]) => paths.map((path) => path.join('.')))
  if (places.length > mostPaths) throw bad(`"map" names more than ${mostPaths} places.`)
  if (new Set(places).size < places.length) throw bad('"map" names the same place twice.')
  const map = new Map(entries)
  for (const path of [...map.values()].flat()) {
    const target = container(operations, path)[path.at(-1) ?? '']
    if (target !== null) throw bad(`"map" points to "${path.join('.')}", which is not null.`)
  }
  return map
}

/** Puts a value at a place that `readUploadMap` has checked. */
export function placeFile(operations: object, path: VariablePath, file: unknown): void {
  container(operations, path)[path.at(-1) ?? ''] = file
}

function readPaths(field: string, paths: unknown): readonly VariablePath[] {
  if (!Array.isArray(paths) || paths.length === 0)
    throw bad(`"map" must give "${field.slice(0, 100)}" a list of places.`)
  return paths.map((text: unknown) => {
    const path = typeof text === 'string' ? text.split('.') : []
    if (path[0] !== 'variables' || path.length < 2 || path.length > 16 || path.some((key) => forbidden.includes(key))) {
      throw bad(`"map" may point to variables only, not to ${JSON.stringify(text).slice(0, 100)}.`)
    }
    return path
  })
}

/** The object or list that holds the last member of the path. Throws when it, or the member, is not there. */
function container(operations: object, path: VariablePath): Record<string, unknown> {
  let at: unknown = operations
  for (const [index, key] of path.entries()) {
    if (!isContainer(at) || !Object.hasOwn(at, key))
      throw bad(`"map" points to "${path.join('.')}", which is not there.`)
    if (index === path.length - 1) return at
    at = at[key]
  }
  throw bad('"map" names an empty place.')
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message)
}
