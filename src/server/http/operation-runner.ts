import type { OpenContext } from '../request-context.ts'
import type { DoorFacts, MaskError } from '../streams/handlers.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { HttpAnswer } from '../graphql/http-answer.ts'
import type { GraphQLServer, HttpOperation } from '../graphql/pipeline.ts'

export interface OperationRunnerOptions {
  readonly graphql: GraphQLServer
  readonly openContext: OpenContext
  readonly maskError: MaskError
}

/** Runs a query or mutation for whoever the facts show. Never throws: a credential that is refused is an answer, too. */
export type RunOperation = (operation: HttpOperation, facts: DoorFacts) => Promise<HttpAnswer>

/** The way of a plain operation over plain values, without a port. */
export function createOperationRunner({ graphql, openContext, maskError }: OperationRunnerOptions): RunOperation {
  return async (operation, facts) => {
    try {
      const context = await openContext({ ...facts, resume: null })
      return await graphql.answer(operation, context)
    } catch (error) {
      return graphqlAnswer({ errors: [maskError(error, facts.requestId)] }, operation.mediaType)
    }
  }
}
