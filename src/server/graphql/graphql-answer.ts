import type { ExecutionResult, GraphQLError } from 'graphql'
import { type ErrorCode, errorCodes } from '../../core/errors.ts'
import type { HttpAnswer } from './http-answer.ts'
import { type HttpHint, httpHint } from './http-hint.ts'

/** The two forms of a GraphQL answer over HTTP; the older one has 200 for more. */
export type ResultMediaType = 'application/graphql-response+json' | 'application/json'

/** A result whose errors went through the mask, as an answer by the rules of GraphQL over HTTP. */
export function graphqlAnswer(result: ExecutionResult, mediaType: ResultMediaType): HttpAnswer {
  const hints = (result.errors ?? []).map(hintOf)
  const status = resultStatus(result, hints, mediaType)
  return {
    status,
    headers: {
      'content-type': `${mediaType}; charset=utf-8`,
      ...Object.fromEntries(hints.flatMap(({ headers }) => Object.entries(headers ?? {}))),
      // RFC 9110 section 15.5.2 asks for a challenge; this one opens no dialogue in browsers.
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: JSON.stringify(result),
  }
}

/** The error's own hint; without one, what the table says of its code. */
function hintOf(error: GraphQLError): HttpHint {
  const { code } = error.extensions
  const known = typeof code === 'string' && Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode] : null // checked
  return httpHint(error) ?? { status: known?.status ?? 400, isAboutDocument: known === null }
}

/**
 * The HTTP status of a result: 200 as soon as there is data. A client that asked for `application/json` also gets 200 for
 * a faulty document and for an operation that ran and failed, since it takes the status for that of the transport; but who
 * may not is told by the status, whether the gate has found it out or the field itself.
 */
function resultStatus(result: ExecutionResult, hints: readonly HttpHint[], mediaType: ResultMediaType): number {
  if (hints.length === 0 || (result.data !== undefined && result.data !== null)) return 200
  const statuses = hints.map(({ status }) => status)
  const isPlain = mediaType === 'application/json'
  const isRefusedAccess = statuses.every((status) => status === 401 || status === 403)
  const hasRunAndFailed = result.data === null && !isRefusedAccess
  if (isPlain && (hasRunAndFailed || hints.every((hint) => hint.isAboutDocument))) return 200
  return Math.max(...statuses)
}
