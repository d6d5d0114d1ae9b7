import type { Seen } from './see-partly.ts'

/** What the process of the server is told: to open it, what it sees from now on, or to say how much CPU time it has used, in µs. */
export type ServerOrder =
  | { readonly kind: 'open'; readonly folder: string }
  | { readonly kind: 'see'; readonly seen: Seen }
  | { readonly kind: 'cpu' }

/** A server that was opened, and what somebody asks it with who has signed up there. */
export interface OpenedServer {
  readonly port: number
  readonly accessToken: string
}
