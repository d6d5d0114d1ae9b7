import { type ExecutionResult, GraphQLError } from 'graphql'
import { type ErrorCode, errorCodes } from '../../core/errors.ts'

/** What yoga and its plugins add to errors for their own use. */
const innerExtensions = ['http', 'unexpected', 'originalError']

/** A result without what its errors carry for the server's own use. */
export function presentResult(result: ExecutionResult): ExecutionResult {
  const { errors } = result
  if (errors === undefined || errors.length === 0) return result
  return { ...result, errors: errors.map(presentError) }
}

function presentError(error: GraphQLError): GraphQLError {
  const entries = Object.entries(error.extensions)
  const outward = entries.filter(([name]) => !innerExtensions.includes(name))
  if (outward.length === entries.length && error instanceof GraphQLError) return error
  const { message, nodes, source, positions, path } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions: Object.fromEntries(outward) })
}

/** The HTTP status that fits a result: of its first error when nothing was executed, else 200. */
export function statusOf(result: ExecutionResult): number {
  const [first] = result.errors ?? []
  if (first === undefined || result.data !== undefined) return 200
  const { code, http } = first.extensions
  if (isErrorCode(code)) return errorCodes[code].status
  const status = typeof http === 'object' && http !== null && 'status' in http ? http.status : null
  return typeof status === 'number' ? status : 400
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code)
}

/** The seconds after which the caller of a refused request may try again; `null` where the errors do not say. */
export function retryAfterSeconds(result: ExecutionResult): number | null {
  const seconds = result.errors?.[0]?.extensions['retryAfterSeconds']
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null
}
