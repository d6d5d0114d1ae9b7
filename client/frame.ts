/** A GraphQL operation as it is sent. */
export interface Operation {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly operationName?: string
}

/** One answer of a subscription. Its `extensions.resume.cursor` is where to go on after it. */
export interface Frame {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly GraphQLFault[]
  readonly extensions?: { readonly resume?: ResumeReport; readonly [name: string]: unknown }
}

export interface ResumeReport {
  readonly cursor: string
  /** On the first frame of a stream only. */
  readonly status?: 'fresh' | 'recovered' | 'snapshot'
  /** Whether events were missed that the server no longer has. */
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

/** What a transport needs to open a stream. */
export interface OpenOptions {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: Operation
  /** Where to go on; `null` begins anew. */
  readonly after: string | null
  /** `authorization` or `x-api-key`, for instance, asked for at each connection. Browsers send their cookies by themselves. */
  readonly headers: () => Promise<Headers>
  readonly signal: AbortSignal
  /** To be called when the server has taken the connection up. */
  readonly onOpen: () => void
}

/**
 * Frames of one connection. Ends when the server completed the operation; throws an `OperationError` for a refusal, and
 * anything else when the connection was lost or could not be had.
 */
export type Transport = (options: OpenOptions) => AsyncIterable<Frame>

/** The operation with the cursor where the server looks for it. */
export function withCursor(operation: Operation, after: string | null, more: Record<string, unknown> = {}) {
  return { ...operation, extensions: { ...(after === null ? {} : { resume: { after } }), ...more } }
}
