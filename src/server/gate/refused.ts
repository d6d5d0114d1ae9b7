import { type ASTNode, GraphQLError } from 'graphql'
import { type ErrorCode, errorCodes } from '../../core/errors.ts'

/** A refusal before execution, as a GraphQL error with its code and the HTTP status that fits it. */
export function refused(code: ErrorCode, message: string, nodes: readonly ASTNode[]): GraphQLError {
  return new GraphQLError(message, {
    nodes: [...nodes],
    extensions: { code, http: { status: errorCodes[code].status } },
  })
}
