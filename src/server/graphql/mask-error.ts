import { GraphQLError } from 'graphql'
import { type ErrorCode, errorCodes, Refusal } from '../../core/errors.ts'
import type { Logger } from '../../ports/logger.ts'
import { retryAfterValue } from '../retry-after.ts'
import { documentErrorCode } from './document-error.ts'
import { type HttpHint, httpHint, withHttpHint } from './http-hint.ts'

/** Turns anything that was thrown into what a stranger may see, and logs under the request id what they may not. */
export type MaskError = (error: unknown, requestId: string) => GraphQLError

/**
 * The one function that decides what a stranger may see of an error. A `Refusal` becomes its sentence, code and details;
 * what GraphQL itself says of the caller's document and variables stays; of everything else the caller learns the request
 * id, under which the log has it. What went through once comes back as it is.
 */
export function createErrorMask(logger: Logger): MaskError {
  const masked = new WeakSet<GraphQLError>()
  return (error, requestId) => {
    if (error instanceof GraphQLError && masked.has(error)) return error
    const shown = show(error) ?? hide(error, requestId, logger)
    masked.add(shown)
    return shown
  }
}

function show(error: unknown): GraphQLError | null {
  const chain = causesOf(error)
  const refusal = chain.find((cause) => cause instanceof Refusal)
  if (refusal !== undefined) return showRefusal(refusal, chain[0])
  const [outermost] = chain
  if (!(outermost instanceof GraphQLError)) return null
  // An error of any kind may bring extensions along; only those of a GraphQL error were written for the caller.
  const coded = chain.every((cause) => cause instanceof GraphQLError) ? chain.find(isCoded) : undefined
  if (coded !== undefined) return showCoded(coded, outermost)
  const code = documentErrorCode(chain)
  if (code === null) return null
  return rebuild(outermost, bounded(outermost.message), { code }, { status: 400, isAboutDocument: true })
}

/** GraphQL repeats the caller's values, however large they are, and more than once. */
const maxQuoted = 1000

function bounded(message: string): string {
  return message.length <= maxQuoted ? message : `${message.slice(0, maxQuoted)}…`
}

function showRefusal(refusal: Refusal, outermost: unknown): GraphQLError {
  // How to ask instead is for HTTP to say; the sentence says it to everybody.
  const { allow, ...details } = refusal.details
  const { retryAfterSeconds } = details
  const hint: HttpHint = {
    status: refusal.status,
    isAboutDocument: false,
    headers: {
      ...(typeof retryAfterSeconds === 'number' && { 'retry-after': retryAfterValue(retryAfterSeconds) }),
      ...(typeof allow === 'string' && { allow }),
    },
  }
  return rebuild(outermost, refusal.message, { ...details, code: refusal.code }, hint)
}

/** An error that some plugin made with one of our codes: it was meant for the caller. */
function showCoded(
  coded: GraphQLError & { readonly extensions: { readonly code: ErrorCode } },
  outermost: GraphQLError,
) {
  const { http: _http, unexpected: _unexpected, originalError: _original, ...extensions } = coded.extensions
  const given = httpHint(coded)
  const code = given?.status === 405 ? 'METHOD_NOT_ALLOWED' : coded.extensions.code
  const hint = { status: given?.status ?? errorCodes[code].status, isAboutDocument: false }
  return rebuild(outermost, bounded(coded.message), { ...extensions, code }, hint)
}

function hide(error: unknown, requestId: string, logger: Logger): GraphQLError {
  const path = error instanceof GraphQLError ? error.path : undefined
  logger.error({ requestId, path, err: causesOf(error).at(-1) }, 'A request failed on our side.')
  const message = `Something went wrong on our side. Quote the request id ${requestId} when you report it.`
  return rebuild(error, message, { code: 'INTERNAL', requestId }, { status: 500, isAboutDocument: false })
}

/** A fresh error at the same place: what is behind the given one (causes, stack) does not go along. */
function rebuild(at: unknown, message: string, extensions: Readonly<Record<string, unknown>>, hint: HttpHint) {
  const { nodes, source, positions, path } = at instanceof GraphQLError ? at : {}
  return withHttpHint(new GraphQLError(message, { nodes, source, positions, path, extensions }), hint)
}

/** The error and what it was made from, outermost first. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  let next: unknown = error
  while (next !== undefined && next !== null && !chain.includes(next)) {
    chain.push(next)
    next = next instanceof GraphQLError ? next.cause : undefined
  }
  return chain
}

/** Codes that are decided here, whoever wrote them. */
const notMeant: readonly string[] = [
  'INTERNAL',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
] satisfies ErrorCode[]

function isCoded(error: unknown): error is GraphQLError & { readonly extensions: { readonly code: ErrorCode } } {
  if (!(error instanceof GraphQLError)) return false
  const { code } = error.extensions
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) && !notMeant.includes(code)
}
