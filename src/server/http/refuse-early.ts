import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../../core/errors.ts'
import { overloadedSentence } from '../../services/operations/shedding/admission.ts'
import type { WorkClass } from '../../core/shedding.ts'
import { graphqlAnswer, type ResultMediaType } from '../graphql/graphql-answer.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { DoorShedding } from '../gate/shedding-door.ts'
import { corsHeaders } from './cors.ts'
import { isStreamType, negotiate } from './media-type.ts'
import type { OriginPolicy } from './origin-check.ts'
import { mustBeTaken } from './send.ts'

export interface RefuseEarlyOptions {
  readonly shedding: DoorShedding
  readonly policy: OriginPolicy
  readonly maskError: MaskError
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>
  /** The path of operations. */
  readonly path: string
  /** For how long a client may take nothing of its answer, in ms. */
  readonly takeMs: number
}

/** What was found out about a request that is served in spite of the load. */
export interface Spared {
  /** All of its body, which cannot be read again. */
  readonly body: Buffer
  /** What it was taken as; `null` where the gate is to decide. */
  readonly as: WorkClass | null
}

/** Refuses operations before anything is done for them but to read their bytes. */
export interface EarlyRefusal {
  /** Whether the request is one to look at, now that there is too much to do. */
  concerns(request: IncomingMessage): boolean
  /**
   * Answers a request with its refusal, and with all headers that every answer has: then `refused`. `null`: its body is not there yet, and nothing was
   * decided. To be called in the turn in which the request came.
   */
  look(request: IncomingMessage, response: ServerResponse): Promise<Spared | 'refused' | null>
}

/**
 * With prepared answers: at several times the load that can be served, most of the time goes into refusing. Measured on one core:
 * 17 µs of `node:http` itself for a refusal with prepared headers and a body that is taken without listening for it, 27 µs with listeners, 200 µs for
 * serving a small query.
 */
export function createEarlyRefusal(options: RefuseEarlyOptions): EarlyRefusal {
  const { shedding, path, policy, takeMs } = options
  const prepared = prepareAnswers(options)

  const withoutOrigin = flat(corsHeaders(null, policy))

  function refuse(request: IncomingMessage, response: ServerResponse): void {
    const { status, head, body } = prepared(answerType(request.headers.accept), shedding.retryAfterSeconds())
    const { origin } = request.headers
    const cors = origin === undefined ? withoutOrigin : flat(corsHeaders(origin.trim(), policy))
    // Not remembered for the request, as other ids are: that costs the garbage collector more than all else here.
    response.writeHead(status, [...head, ...cors, 'x-request-id', randomUUID()])
    response.end(body)
    if (response.writableLength > 0) mustBeTaken(response, takeMs)
  }

  return {
    concerns({ method, url, headers }) {
      if (!shedding.isUp || method !== 'POST' || url !== path) return false
      // Uploads have a door of their own; what waits for leave to send its body has none.
      return headers['content-type']?.startsWith('application/json') === true && headers.expect === undefined
    },
    async look(request, response) {
      // What came with the headers has been read by then, though node has not noticed yet that nothing follows.
      await thisTurn
      if (request.readableLength !== Number(request.headers['content-length'])) return null
      const body: unknown = request.read()
      if (!Buffer.isBuffer(body)) return null
      const verdict = shedding.judge(body, mayHaveCredential(request.headers))
      if (!verdict.isRefused) return { body, as: verdict.as }
      refuse(request, response)
      return 'refused'
    },
  }
}

const thisTurn = Promise.resolve()

/** Whether anything came that may be a credential. */
export function mayHaveCredential(headers: IncomingHttpHeaders): boolean {
  return headers.cookie !== undefined || headers.authorization !== undefined || headers['x-api-key'] !== undefined
}

interface Prepared {
  readonly status: number
  /** Names and values in turn. */
  readonly head: readonly string[]
  readonly body: string
}

/** Each made once: the times to wait are whole seconds, and few. */
function prepareAnswers({ maskError, headers }: RefuseEarlyOptions) {
  const known = new Map<string, Prepared>()
  return (mediaType: ResultMediaType, retryAfterSeconds: number): Prepared => {
    const key = `${retryAfterSeconds} ${mediaType}`
    const before = known.get(key)
    if (before !== undefined) return before
    const refusal = new Refusal('OVERLOADED', overloadedSentence, { retryAfterSeconds })
    const answer = graphqlAnswer({ errors: [maskError(refusal, 'prepared')] }, mediaType)
    const all = { ...headers, ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body)) }
    const prepared = { status: answer.status, head: flat(all), body: answer.body }
    known.set(key, prepared)
    return prepared
  }
}

/** The form that the refusal has where it is not prepared. */
function answerType(accept: string | undefined): ResultMediaType {
  if (accept === 'application/json') return accept
  const wanted = negotiate(accept ?? null)
  if (wanted === null) return 'application/json'
  return isStreamType(wanted) ? 'application/graphql-response+json' : wanted
}

function flat(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flat()
}
