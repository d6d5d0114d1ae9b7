/** A request that is made again and again. */
export interface LoadKind {
  readonly name: string
  /** To its last byte. */
  readonly request: string
  readonly perSecond: number
}

/** What the process that makes the requests is told. */
export type LoadOrder =
  | { readonly kind: 'connect'; readonly port: number; readonly connections: number }
  /** Over so many connections, each of which asks again as soon as it is answered. Answered with `LoadOutcome`. */
  | { readonly kind: 'saturate'; readonly request: string; readonly connections: number; readonly ms: number }
  /** By a timetable, whether answers come or not. Answered with one `LoadOutcome` for each kind. */
  | { readonly kind: 'offer'; readonly kinds: readonly LoadKind[]; readonly ms: number; readonly settleMs: number }

/** Milliseconds from when a request was due to the last byte of its answer. */
export interface Latencies {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What became of the requests of a kind; all figures but `whole` leave out those that were due in the time to settle. */
export interface LoadOutcome {
  readonly name: string
  readonly seconds: number
  readonly offered: number
  readonly accepted: number
  readonly refused: number
  /** Neither answered by data nor refused with 503. */
  readonly failed: number
  /** Given up, since no connection became free within a second. */
  readonly unsent: number
  /** `null`: there was none. */
  readonly acceptedMs: Latencies | null
  readonly refusedMs: Latencies | null
  /** Of what was accepted, the time to settle among it. */
  readonly whole: Latencies | null
  /** Of one core, that the process that makes the requests used. */
  readonly generatorCores: number
}

/** What the server process is told. */
export type ServerOrder =
  /** Open on that folder; answered with `OpenServer`. */
  | { readonly kind: 'open'; readonly folder: string; readonly shedding: 'on' | 'off' }
  /** Begin to look at the pressure. */
  | { readonly kind: 'watch' }
  /** What was seen; answered with `Watched`. */
  | { readonly kind: 'watched' }

export interface OpenServer {
  readonly port: number
  readonly url: string
  readonly setupToken: string | null
}

export interface Watched {
  /** The pressure each 50 ms. */
  readonly pressures: readonly number[]
  /** Of one core, that the server used with all its threads. */
  readonly cores: number
}
