import type { Retention } from '../streams/retention.ts'

/** Who may listen: everybody, who has signed in, the user whose id is the second part of the name, administrators. */
export const listeners = ['public', 'signed-in', 'owner', 'admin'] as const

export type Listeners = (typeof listeners)[number]

/** Who may publish. Never somebody who is not signed in. */
export const publishers = ['signed-in', 'owner', 'admin', 'nobody'] as const

export type Publishers = (typeof publishers)[number]

/** What holds for the channels of a pattern. */
export interface ChannelRow {
  /** What the names begin with, part by part. */
  readonly segments: readonly string[]
  /** Whether the names go on, by one part at the least; otherwise there is one name. */
  readonly isOpen: boolean
  readonly listen: Listeners
  readonly publish: Publishers
  /** How much is kept. */
  readonly keep: Retention
}

/** All rows; the first one that a name fits holds for it. A channel that fits none does not exist. */
export type ChannelTable = readonly ChannelRow[]

/** The row of a channel; `null` where there is no such channel. */
export function findRow(table: ChannelTable, name: string): ChannelRow | null {
  const segments = name.split('/')
  return table.find((row) => fits(row, segments)) ?? null
}

/** Whether names that fit `later` all fit `earlier`. */
export function covers(earlier: ChannelRow, later: ChannelRow): boolean {
  // The shortest name of an open row has one part more than its pattern says, whatever it is.
  return fits(earlier, later.isOpen ? [...later.segments, '*'] : later.segments) && (earlier.isOpen || !later.isOpen)
}

function fits({ segments, isOpen }: ChannelRow, name: readonly string[]): boolean {
  if (isOpen ? name.length <= segments.length : name.length !== segments.length) return false
  return segments.every((part, index) => part === name[index])
}
