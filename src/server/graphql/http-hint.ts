import type { GraphQLError } from 'graphql'

/** What an error means for the HTTP answer that it is part of. */
export interface HttpHint {
  readonly status: number
  /** GraphQL over HTTP answers 200 to a faulty document where the client asked for plain `application/json`. */
  readonly isAboutDocument: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Attaches the hint under `extensions.http`, where yoga and its plugins look for it, but hidden from JSON: a socket, an
 * event stream or a poll answer must not carry it.
 */
export function withHttpHint(error: GraphQLError, hint: HttpHint): GraphQLError {
  Object.defineProperty(error.extensions, 'http', { value: hint, enumerable: false, configurable: true })
  return error
}

/** The hint that an error carries, ours or one that a plugin wrote; `null` without a status. */
export function httpHint(error: { readonly extensions?: object | undefined }): HttpHint | null {
  const http: unknown = error.extensions === undefined ? undefined : Reflect.get(error.extensions, 'http')
  if (typeof http !== 'object' || http === null || !('status' in http) || typeof http.status !== 'number') return null
  return { isAboutDocument: false, ...http, status: http.status }
}
