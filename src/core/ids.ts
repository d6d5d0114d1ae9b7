import { typeid } from 'typeid-js'

/** The kinds of thing that carry an id, with the prefix that each id starts with. */
export const idPrefixes = {
  user: 'usr',
  session: 'ses',
  apiKey: 'key',
  passkey: 'psk',
  identity: 'idn',
  refreshToken: 'rft',
  oneTimeToken: 'ott',
  auditEvent: 'aud',
  mail: 'eml',
  job: 'job',
  artifact: 'art',
  node: 'node',
  message: 'msg',
  notice: 'ntc',
  alert: 'alr',
  heapSnapshot: 'hsn',
} as const

export type IdKind = keyof typeof idPrefixes

/**
 * A new TypeID: `prefix_` and 26 characters of base 32 over a UUID version 7, so that ids of one kind sort by the time
 * they were made (https://github.com/jetify-com/typeid). Public, never a secret: knowing an id grants nothing.
 */
export function newId(kind: IdKind): string {
  return typeid(idPrefixes[kind]).toString()
}

const shape = /^([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Whether the text has the form of an id of that kind; says nothing of whether the thing exists. */
export function isId(kind: IdKind, text: string): boolean {
  return shape.exec(text)?.[1] === idPrefixes[kind]
}
