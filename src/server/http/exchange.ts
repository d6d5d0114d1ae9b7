import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DoorFacts } from '../request-context.ts'
import type { Spared } from './refuse-early.ts'

/** One request with its answer, once its headers were read. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly facts: DoorFacts
  readonly method: string
  /** As it came, without the query string. */
  readonly path: string
  /** The query string without its question mark. */
  readonly search: string
  /** The body, where it has been read already. */
  readonly spared?: Spared | null
}

/** Answers a request to its end. What it throws becomes the answer if that has not begun. */
export type Door = (exchange: Exchange) => Promise<void>
