import { Refusal } from '../../core/errors.ts'
import type { StreamDoor } from '../streams/handlers.ts'
import type { Door, Exchange } from './exchange.ts'
import type { ResultMediaType } from '../graphql/graphql-answer.ts'
import type { Page } from './graphiql.ts'
import { type AnswerMediaType, essence, isStreamType, negotiate, wantsPage } from './media-type.ts'
import { requireMethod } from './method.ts'
import { operationFromBody, operationFromSearch } from '../graphql/operation-params.ts'
import type { RunOperation } from '../graphql/operation-runner.ts'
import { sendPage } from './page-door.ts'
import { type BodyLimits, readJsonBody } from './read-body.ts'
import { send } from './send.ts'
import { singleHeader } from './single-header.ts'

export interface GraphQLDoorOptions {
  readonly run: RunOperation
  readonly sse: StreamDoor
  readonly poll: StreamDoor
  readonly upload: (exchange: Exchange, mediaType: ResultMediaType) => Promise<void>
  /** `null` where GraphiQL is off. */
  readonly graphiql: (() => Promise<Page>) | null
  readonly bodyLimits: BodyLimits
}

/** Answers `/graphql`: a page, an upload, a stream, a poll, or a plain operation, by method, `Accept` and content type. */
export function createGraphQLDoor(options: GraphQLDoorOptions): Door {
  return async (exchange) => {
    const { request, method } = exchange
    const accept = request.headers.accept ?? null
    requireMethod(method, ['GET', 'POST'])
    if (options.graphiql !== null && wantsPage(method, accept)) return sendPage(exchange, await options.graphiql())
    const mediaType = negotiate(accept)
    if (mediaType === null)
      throw new Refusal('NOT_ACCEPTABLE', `Accept names nothing that ${method} /graphql answers in.`)
    await answer(exchange, mediaType, options)
  }
}

async function answer(exchange: Exchange, mediaType: AnswerMediaType, options: GraphQLDoorOptions): Promise<void> {
  const { request, response, facts, method, search } = exchange
  const isUpload = method === 'POST' && essence(singleHeader(request, 'content-type')) === 'multipart/form-data'
  if (isUpload) return options.upload(exchange, isStreamType(mediaType) ? 'application/json' : mediaType)
  const body = method === 'POST' ? await readJsonBody(request, response, options.bodyLimits) : undefined
  if (isStreamType(mediaType)) {
    const door = mediaType === 'text/event-stream' ? options.sse : options.poll
    return door.handle({ request, response, facts, body })
  }
  const params = method === 'POST' ? operationFromBody(body) : operationFromSearch(search)
  send(response, await options.run({ method: method === 'POST' ? 'POST' : 'GET', params, mediaType }, facts))
}
