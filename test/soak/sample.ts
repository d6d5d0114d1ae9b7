/** What a server that is at rest holds, after its garbage was collected. Sizes in bytes. */
export interface Sample {
  readonly heapBytes: number
  readonly externalBytes: number
  readonly rssBytes: number
  /** How many there are of what comes and goes: sockets, streams, handles and timers by type, listeners by event. */
  readonly held: Readonly<Record<string, number>>
}
