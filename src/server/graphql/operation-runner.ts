import type { OperationParams, Transport } from '../operation.ts'
import type { DoorFacts } from '../request-context.ts'
import { graphqlAnswer, type ResultMediaType } from './graphql-answer.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { Observe } from './observe.ts'
import { runOperation, type RunOptions } from './run-operation.ts'

/** A query or mutation as plain values. */
export interface HttpOperation {
  readonly method: 'GET' | 'POST'
  readonly params: OperationParams
  readonly mediaType: ResultMediaType
}

/** Runs a query or mutation for whoever the facts show. Never throws: a credential that is refused is an answer, too. */
export type RunOperation = (operation: HttpOperation, facts: DoorFacts) => Promise<HttpAnswer>

export interface RunnerOptions extends RunOptions {
  readonly observe?: Observe | undefined
}

/** In characters: some 10 ms at the least. */
const largeAnswer = 1_000_000

/** The way of a plain operation over plain values, without a port. */
export function createOperationRunner(options: RunnerOptions, transport: Transport): RunOperation {
  return async ({ method, params, mediaType }, facts) => {
    const kinds = method === 'GET' ? (['query'] as const) : (['query', 'mutation'] as const)
    const trace = options.observe?.(transport, facts.requestId)
    const outcome = await runOperation(options, facts, () => ({ params, resume: null, kinds }), trace)
    if (outcome.type === 'stream') {
      outcome.stream.end()
      throw new TypeError('The engine opened a stream where none was asked for.')
    }
    const answer = graphqlAnswer(outcome.result, mediaType)
    // Less takes no time worth a look at the clock.
    if (answer.body.length >= largeAnswer) trace?.held('serialise')
    return answer
  }
}
