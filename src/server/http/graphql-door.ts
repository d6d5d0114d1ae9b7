import { Refusal } from '../../core/errors.ts'
import type { WorkClass } from '../../core/shedding.ts'
import { overloadedSentence } from '../../services/operations/shedding/admission.ts'
import type { StreamDoor } from '../streams/handlers.ts'
import type { Door, Exchange } from './exchange.ts'
import type { ResultMediaType } from '../graphql/graphql-answer.ts'
import type { Page } from './graphiql.ts'
import { type AnswerMediaType, essence, isStreamType, negotiate, wantsPage } from './media-type.ts'
import { requireMethod } from './method.ts'
import { operationFromBody, operationFromSearch } from '../graphql/operation-params.ts'
import type { RunOperation } from '../graphql/operation-runner.ts'
import { sendPage } from './page-door.ts'
import type { DoorShedding } from '../gate/shedding-door.ts'
import { parseJson } from '../json-text.ts'
import type { DoorFacts } from '../request-context.ts'
import { type BodyLimits, readJsonBody } from './read-body.ts'
import { mayHaveCredential } from './refuse-early.ts'
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
  readonly shedding: DoorShedding
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
  const { request, response, method, search } = exchange
  const isUpload = method === 'POST' && essence(singleHeader(request, 'content-type')) === 'multipart/form-data'
  if (isUpload) {
    // Before a byte of the files is read. The gate does not ask again when they are there.
    options.shedding.admit('work')
    const admitted = { ...exchange, facts: { ...exchange.facts, admittedAs: 'work' as const } }
    return options.upload(admitted, isStreamType(mediaType) ? 'application/json' : mediaType)
  }
  const read = method === 'POST' ? await readOperation(exchange, options) : null
  const { body, facts = exchange.facts } = read ?? {}
  if (isStreamType(mediaType)) {
    const door = mediaType === 'text/event-stream' ? options.sse : options.poll
    return door.handle({ request, response, facts, body })
  }
  const params = method === 'POST' ? operationFromBody(body) : operationFromSearch(search)
  send(response, await options.run({ method: method === 'POST' ? 'POST' : 'GET', params, mediaType }, facts))
}

/** Reads the body of a POST. Throws `OVERLOADED` for what is too much, before it is parsed. */
async function readOperation(
  { request, response, facts, spared = null }: Exchange,
  { bodyLimits, shedding }: GraphQLDoorOptions,
): Promise<{ readonly body: unknown; readonly facts: DoorFacts }> {
  const bytes = await readJsonBody(request, response, bodyLimits, spared?.body ?? null)
  const admittedAs = spared === null ? admit(bytes, mayHaveCredential(request.headers), shedding) : spared.as
  return { body: parseJson(bytes, 'The body'), facts: admittedAs === null ? facts : { ...facts, admittedAs } }
}

/** What an operation was taken as; `null` where the gate is to decide. Throws `OVERLOADED`. */
function admit(bytes: Buffer, hasCredential: boolean, shedding: DoorShedding): WorkClass | null {
  if (!shedding.isUp) return null
  const verdict = shedding.judge(bytes, hasCredential)
  if (!verdict.isRefused) return verdict.as
  throw new Refusal('OVERLOADED', overloadedSentence, { retryAfterSeconds: shedding.retryAfterSeconds() })
}
