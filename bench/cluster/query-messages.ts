/** What a process that makes requests is told. */
export type QueryOrder =
  | { readonly kind: 'connect'; readonly port: number; readonly connections: number }
  /** Has each connection ask again and again, as soon as it is answered, for so long; answered with `Asked`. */
  | { readonly kind: 'ask'; readonly request: string; readonly ms: number }
  | { readonly kind: 'disconnect' }

export interface Asked {
  /** ms until each answer. */
  readonly latencies: readonly number[]
  readonly ms: number
  /** CPU of the process that asked. */
  readonly cpuUs: number
}
