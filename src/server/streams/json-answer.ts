import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { Refusal } from '../../core/errors.ts'
import { retryAfterSeconds } from './present-result.ts'

/** An answer whose body is JSON. */
export interface JsonAnswer {
  readonly status: number
  readonly type: string
  readonly value: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers with one GraphQL result, as GraphQL over HTTP does. Does nothing when the client has gone. */
export function answerResult(response: ServerResponse, status: number, result: ExecutionResult): void {
  const seconds = retryAfterSeconds(result)
  answerJson(response, {
    status,
    type: 'application/graphql-response+json',
    value: result,
    headers: {
      ...(seconds === null ? {} : { 'retry-after': String(seconds) }),
      ...(status === 405 ? { allow: 'POST' } : {}),
    },
  })
}

/** Answers with JSON. Does nothing when the client has gone. */
export function answerJson(response: ServerResponse, { status, type, value, headers = {} }: JsonAnswer): void {
  if (response.destroyed || response.headersSent) return
  const body = JSON.stringify(value)
  response.writeHead(status, {
    ...headers,
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** The refusal of a stream by a server that is about to stop. */
export function stoppingRefusal(): Refusal {
  return new Refusal('OVERLOADED', 'The server is about to stop; come back in a moment.', { retryAfterSeconds: 1 })
}

/** The refusal of a method that a transport does not take. */
export function methodRefusal(methods: string): Refusal {
  return new Refusal('METHOD_NOT_ALLOWED', `This kind of answer is asked for with ${methods}.`)
}
