import { type ASTNode, GraphQLError } from 'graphql'
import type { ErrorCode } from '../../core/errors.ts'

/** A refusal before execution, as a GraphQL error with its code; the table of codes says which HTTP status fits it. */
export function refused(code: ErrorCode, message: string, nodes: readonly ASTNode[]): GraphQLError {
  return new GraphQLError(message, { nodes: [...nodes], extensions: { code } })
}
