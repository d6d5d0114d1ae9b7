import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { Refusal } from '../../core/errors.ts'
import type { Artifacts } from '../../services/jobs/artifacts.ts'
import { ConnectionLostError } from './read-body.ts'
import { createUploadParts, type UploadParts } from './upload-parts.ts'

export interface UploadFormLimits {
  readonly maxFiles: number
  /** The most bytes of `operations` and of `map`, each. */
  readonly maxFieldBytes: number
  /** How long the client may pause. */
  readonly idleMs: number
}

/** The operation of a multipart request, with the received files in its variables. Dispose of it after the operation. */
export interface UploadForm extends AsyncDisposable {
  readonly operations: object
}

/**
 * Receives a GraphQL multipart request (github.com/jaydenseric/graphql-multipart-request-spec): `operations`, `map`, files,
 * in that order, each file streamed to `artifacts` as it comes. When anything is wrong it stops at once and keeps nothing.
 * Throws `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `INVALID_INPUT`, `REQUEST_TIMEOUT` and `ConnectionLostError`.
 */
export async function receiveUploadForm(
  request: IncomingMessage,
  artifacts: Pick<Artifacts, 'receive'>,
  limits: UploadFormLimits,
): Promise<UploadForm> {
  const parts = createUploadParts({ artifacts, ...limits })
  try {
    await feed(request, parts, limits)
    return { operations: await parts.complete(), [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() }
  } catch (error) {
    parts.abandon(error instanceof Error ? error : new TypeError('Something threw what is no error.'))
    await parts[Symbol.asyncDispose]()
    throw error
  }
}

/** Pipes the request into the parser until the form ends, or something is wrong with it or with the connection. */
function feed(request: IncomingMessage, parts: UploadParts, limits: UploadFormLimits): Promise<void> {
  const parser = openParser(request, limits)
  return new Promise((resolve, reject) => {
    let isOver = false
    const late = () => new Refusal('REQUEST_TIMEOUT', `No byte of the upload came for ${limits.idleMs / 1000} seconds.`)
    const timer = setTimeout(() => fail(late()), limits.idleMs)
    const onData = () => void timer.refresh()
    // It also closes when all of it has been read, which may be before the parser is done.
    const onClose = () => {
      if (!request.complete) fail(new ConnectionLostError())
    }
    const fail = (error: unknown) => finish(() => reject(error))
    const finish = (settle: () => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      request.off('data', onData).off('close', onClose).unpipe(parser)
      request.pause()
      settle()
    }
    // What was already read may still hold parts when the rest is no longer wanted.
    const attempt = (step: () => void) => {
      try {
        if (!isOver) step()
      } catch (error) {
        fail(error)
      }
    }
    parser.on('field', (name, value, _isNameCut, isCut) => attempt(() => parts.field(name, value, isCut)))
    parser.on('file', (...[name, stream, fileName, , mediaType]) =>
      attempt(() => parts.file(name, stream, { fileName, mediaType }, fail)),
    )
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(event, () => fail(tooMany(limits)))
    parser.on('error', () => fail(bad('The multipart body is malformed or ends too early.')))
    parser.on('finish', () => finish(resolve))
    request.on('error', onClose).on('close', onClose).on('data', onData).pipe(parser)
  })
}

function openParser(request: IncomingMessage, limits: UploadFormLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      limits: {
        fields: 2,
        files: limits.maxFiles,
        parts: limits.maxFiles + 2,
        fieldNameSize: 100,
        fieldSize: limits.maxFieldBytes,
        headerPairs: 16,
        headerSize: 8192,
      },
    })
  } catch {
    throw bad('The content type multipart/form-data must name its boundary.')
  }
}

function tooMany({ maxFiles }: UploadFormLimits): Refusal {
  return new Refusal('PAYLOAD_TOO_LARGE', `A request may hold operations, map and ${maxFiles} files.`, {
    limit: maxFiles,
  })
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message)
}
