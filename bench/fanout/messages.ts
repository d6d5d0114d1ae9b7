import type { Greeting } from './system.ts'

/** What the process of a system tells once, when it is open. */
export interface ServerFacts {
  readonly port: number
  /** Where a client of the benchmark has it publish. */
  readonly controlPort: number
  readonly greeting: Greeting
}

/** What the process of a system is asked for. */
export type ServerOrder = 'memory' | 'memory after gc'

/** Bytes. */
export interface ServerMemory {
  readonly rss: number
  readonly heapUsed: number
  /** Of buffers, outside the heap. */
  readonly external: number
}

/** What the process with the clients is told; each is answered. */
export type LoadOrder =
  /** Has so many clients listen; answered with `null` when each has heard an event. */
  | { readonly kind: 'connect'; readonly server: ServerFacts; readonly clients: number; readonly stalled?: number }
  /** As often as there is time: so many events at once, as soon as all have all before. Answered with `Span`. */
  | { readonly kind: 'measure'; readonly burst: number; readonly size: number; readonly ms: number }
  /** The same for clients that poll, without what their requests cost. Answered with `Span`, whose deliveries are answers. */
  | { readonly kind: 'held'; readonly burst: number; readonly ms: number }
  /** So many events per second; answered with `Pace`. */
  | { readonly kind: 'pace'; readonly perSecond: number; readonly ms: number }
  /** All clients leave; so many events happen; all come back at once from places of the past. Answered with `Storm`. */
  | { readonly kind: 'storm'; readonly events: number }
  /** The same request over so many connections, answered at once. Answered with `Span`, whose deliveries are answers. */
  | { readonly kind: 'answers'; readonly server: ServerFacts; readonly clients: number; readonly ms: number }
  | { readonly kind: 'disconnect' }

export interface Span {
  readonly events: number
  readonly deliveries: number
  /** CPU of the server's process, user and system. */
  readonly cpuUs: number
  readonly ms: number
  /** How many of the stalled clients are still connected. */
  readonly stalled: number
}

export interface Pace {
  /** From publishing to receiving, ms. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly perSecond: number
  readonly cpuUs: number
}

export interface Storm {
  /** Until all had all. */
  readonly ms: number
  readonly replayed: number
  readonly executions: number
  readonly cpuUs: number
}
