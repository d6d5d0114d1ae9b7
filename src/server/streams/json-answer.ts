import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { Refusal } from '../../core/errors.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { HttpAnswer } from '../graphql/http-answer.ts'
import { send } from '../http/send.ts'

/** One GraphQL result as GraphQL over HTTP answers it; with its status and headers. */
export function resultAnswer(result: ExecutionResult): HttpAnswer {
  const answer = graphqlAnswer(result, 'application/graphql-response+json')
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } }
}

/** Sends an answer, unless the client has gone or another answer has begun. */
export function answerOnce(response: ServerResponse, answer: HttpAnswer): void {
  if (!response.destroyed && !response.headersSent) send(response, answer)
}

/** The refusal of a stream by a server that is about to stop. */
export function stoppingRefusal(): Refusal {
  return new Refusal('OVERLOADED', 'The server is about to stop; come back in a moment.', { retryAfterSeconds: 1 })
}
