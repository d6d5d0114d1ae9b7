/** What a process with one end of a bus is asked for, over its line to who started it. Each is answered when it is done. */
export interface BusOrders {
  /** So many messages at once, again and again, each time in a turn of the event loop of its own; answered with `null`. */
  readonly flood: { readonly messages: number; readonly perTurn: number }
  /** At a fixed pace; answered with `null`. */
  readonly pace: { readonly messages: number; readonly perSecond: number }
  /** Waits for so many more messages; answered with the µs from publishing to hearing, in order. */
  readonly hear: { readonly messages: number }
  /** Answered with what the process has used of the processor so far, µs. */
  readonly cpu: null
}
