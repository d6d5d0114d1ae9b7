import type { Operation } from './operation.ts'

/** One answer of a subscription. Its `extensions.resume.cursor` is where to go on after it. */
export interface Frame<Data = Record<string, unknown>> {
  readonly data?: Data | null
  readonly errors?: readonly GraphQLFault[]
  readonly extensions?: { readonly resume?: ResumeReport; readonly [name: string]: unknown }
}

export interface ResumeReport {
  readonly cursor: string
  /** On the first frame of a stream, and on one that follows a gap. */
  readonly status?: 'fresh' | 'recovered' | 'snapshot'
  /** Whether events were missed that the server no longer has; the frame is then the present state. */
  readonly gap?: boolean
  readonly replayed?: number
}

export interface GraphQLFault {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly [name: string]: unknown }
}

/** The server's refusal of an operation: trying again would not help. */
export class OperationError extends Error {
  readonly faults: readonly GraphQLFault[]

  constructor(faults: readonly GraphQLFault[]) {
    super(faults.map((fault) => fault.message).join(' ') || 'The server refused the operation.')
    this.name = 'OperationError'
    this.faults = faults
  }

  /** The stable code of the first fault, if it has one. */
  get code(): string | null {
    return this.faults[0]?.extensions?.code ?? null
  }
}

/** Headers of a request. */
export type Headers = Readonly<Record<string, string>>

/** Where to go on, and what to do where the log no longer reaches back so far. */
export interface Resume {
  /** A cursor, `earliest` or `now`; `null` begins anew. */
  readonly after: string | null
  readonly onGap: 'snapshot' | 'error'
}

/** What a transport needs to open a stream. */
export interface OpenOptions {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: Operation
  readonly resume: Resume
  /** `authorization` or `x-api-key`, for instance, asked for at each request. Browsers send their cookies by themselves. */
  readonly headers: () => Promise<Headers>
  readonly signal: AbortSignal
  /** To be called when the server has taken the connection up and its bytes come through. */
  readonly onOpen: () => void
  /** To be called at every other sign that the server is there. */
  readonly onSign: () => void
}

/**
 * Frames of one connection. Ends when the server completed the operation; throws an `OperationError` for a refusal, and
 * anything else when the connection was lost or could not be had. Lets its socket go when the signal is aborted.
 */
export type Transport = (options: OpenOptions) => AsyncIterable<Frame>

/** A transport with its name. */
export interface NamedTransport {
  readonly name: 'ws' | 'sse' | 'poll'
  readonly open: Transport
}

/** The operation with the place to go on where the server looks for it. */
export function withResume(operation: Operation, { after, onGap }: Resume, more: Record<string, unknown> = {}) {
  return { ...operation, extensions: { resume: { ...(after !== null && { after }), onGap }, ...more } }
}

/** A frame that belongs to no event says why there will be none. */
export function isRefusal(frame: Frame): boolean {
  return frame.errors !== undefined && frame.extensions?.resume === undefined
}

/** The refusal in the body of an answer; `null` when it is none that a GraphQL server writes. */
export function readRefusal(body: unknown): OperationError | null {
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return null
  const faults = body.errors.filter(isFault)
  return faults.length === 0 ? null : new OperationError(faults)
}

function isFault(value: unknown): value is GraphQLFault {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}
