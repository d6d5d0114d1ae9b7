/** What the primary has a new member do; given to it when it is forked. */
export interface MemberOrder {
  /** Its place, counted from 1. */
  readonly number: number
  /** The node under which it runs jobs. */
  readonly nodeId: string
  /** How many threads it has: its share of the machine's. */
  readonly threads: number
  /** Where all members listen. */
  readonly port: number
  /** Where all of them answer probes besides; `null` where there is no port of its own for that. */
  readonly opsPort: number | null
  /** The name under which all of them meet in Redis. */
  readonly installation: string
}
