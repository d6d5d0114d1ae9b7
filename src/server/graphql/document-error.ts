import { GraphQLError, Kind } from 'graphql'
import type { ErrorCode } from '../../core/errors.ts'

/**
 * The code of an error that GraphQL raised about the caller's document or variables; `null` for one that speaks of our
 * side, such as an enum that cannot be serialised, whose message would show the value. `chain` is the error and its causes.
 */
export function documentErrorCode(chain: readonly unknown[]): ErrorCode | null {
  const [error] = chain
  if (!(error instanceof GraphQLError)) return null
  if (error.extensions.code === 'GRAPHQL_VALIDATION_FAILED') return 'GRAPHQL_VALIDATION_FAILED'
  // A scalar says what is wrong with a variable, whatever class of error it throws.
  if (error.path === undefined && error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION) return 'BAD_REQUEST'
  if (!chain.every((cause) => cause instanceof GraphQLError)) return null
  // A field's error is about the document only if GraphQL raised it at nodes of its own, as for a wrong argument.
  if (error.path !== undefined) return chain.slice(1).some((cause) => cause.nodes !== undefined) ? 'BAD_REQUEST' : null
  return error.nodes === undefined && error.source !== undefined ? 'GRAPHQL_PARSE_FAILED' : 'BAD_REQUEST'
}
