import type { OperationParams } from '../operation.ts'
import type { DoorFacts } from '../request-context.ts'
import { graphqlAnswer, type ResultMediaType } from './graphql-answer.ts'
import type { HttpAnswer } from './http-answer.ts'
import { runOperation, type RunOptions } from './run-operation.ts'

/** A query or mutation as plain values. */
export interface HttpOperation {
  readonly method: 'GET' | 'POST'
  readonly params: OperationParams
  readonly mediaType: ResultMediaType
}

/** Runs a query or mutation for whoever the facts show. Never throws: a credential that is refused is an answer, too. */
export type RunOperation = (operation: HttpOperation, facts: DoorFacts) => Promise<HttpAnswer>

/** The way of a plain operation over plain values, without a port. */
export function createOperationRunner(options: RunOptions): RunOperation {
  return async ({ method, params, mediaType }, facts) => {
    const kinds = method === 'GET' ? (['query'] as const) : (['query', 'mutation'] as const)
    const outcome = await runOperation(options, facts, () => ({ params, resume: null, kinds }))
    if (outcome.type === 'result') return graphqlAnswer(outcome.result, mediaType)
    outcome.stream.end()
    throw new TypeError('The engine opened a stream where none was asked for.')
  }
}
