/** What a client tells of a failure, in one of its many forms. */
interface Told {
  /** Of an answer, and of Apollo Client. */
  readonly errors?: unknown
  /** Of urql. */
  readonly graphQLErrors?: unknown
  readonly networkError?: unknown
  /** Of urql and Apollo Client, beside an answer. */
  readonly error?: unknown
  /** Of a WebSocket that was closed. */
  readonly code?: unknown
  readonly reason?: unknown
  readonly message?: unknown
  /** Of a GraphQL error. */
  readonly extensions?: { readonly code?: unknown } | null
}

/** What is wrong, in sentences: the messages of the server with their codes, or why there is no connection. */
export function faultsOf(failure: unknown): readonly string[] {
  if (Array.isArray(failure)) return failure.flatMap(faultsOf)
  if (typeof failure !== 'object' || failure === null) return []
  // All of its fields may be missing.
  const told = failure as Told
  for (const inner of [told.errors, told.graphQLErrors, told.networkError, told.error]) {
    const faults = faultsOf(inner)
    if (faults.length > 0) return faults
  }
  if (typeof told.reason === 'string')
    return [`The connection was closed with ${String(told.code)}: ${told.reason || 'no reason'}`]
  if (typeof told.message !== 'string') return []
  const { code } = told.extensions ?? {}
  return [typeof code === 'string' ? `${code}: ${told.message}` : told.message || 'There is no connection.']
}
