import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { Refusal } from '../../core/errors.ts'
import type { OpenUpload } from '../../services/jobs/artifact-intake.ts'
import { ConnectionLostError } from './read-body.ts'
import { createUploadParts, type UploadParts, type FileLabel } from './upload-parts.ts'

export interface UploadFormLimits {
  readonly maxFiles: number
  /** The most bytes of `operations` and of `map`, each. */
  readonly maxFieldBytes: number
  /** How long the client may pause. */
  readonly idleMs: number
  /** A client that takes longer than `paceMs` must go on with at least `paceBytes` in each such time. */
  readonly paceMs: number
  readonly paceBytes: number
}

/** More than the boundary and the headers of one part have. */
const partOverheadBytes = 25_000

/** How many bytes the files of a request have at least, by its Content-Length; 0 where it has none. */
export function leastFileBytes(request: IncomingMessage, { maxFiles, maxFieldBytes }: UploadFormLimits): number {
  const overhead = 2 * maxFieldBytes + (maxFiles + 2) * partOverheadBytes
  return Math.max(0, Number(request.headers['content-length'] ?? 0) - overhead)
}

/** The operation of a multipart request, with the received files in its variables. Dispose of it after the operation. */
export interface UploadForm extends AsyncDisposable {
  readonly operations: object
}

/**
 * Receives a GraphQL multipart request (github.com/jaydenseric/graphql-multipart-request-spec): `operations`, `map`, files,
 * in that order, each file streamed to `upload` as it comes. When anything is wrong it stops at once and keeps nothing.
 * Throws the reason of `signal`, `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `QUOTA_EXCEEDED`, `INVALID_INPUT`, `REQUEST_TIMEOUT` and `ConnectionLostError`.
 */
export async function receiveUploadForm(
  request: IncomingMessage,
  upload: Pick<OpenUpload, 'receive'>,
  limits: UploadFormLimits,
  signal: AbortSignal,
): Promise<UploadForm> {
  const parts = createUploadParts({ upload, ...limits })
  try {
    signal.throwIfAborted()
    await feed(request, parts, limits, signal)
    const operations = await parts.complete()
    signal.throwIfAborted()
    return { operations, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() }
  } catch (error) {
    parts.abandon(error instanceof Error ? error : new TypeError('Something threw what is no error.'))
    await parts[Symbol.asyncDispose]()
    throw error
  }
}

/** Pipes the request into the parser until the form ends, or something is wrong with it or with the connection. */
function feed(
  request: IncomingMessage,
  parts: UploadParts,
  limits: UploadFormLimits,
  signal: AbortSignal,
): Promise<void> {
  const parser = openParser(request, limits)
  return new Promise((resolve, reject) => {
    // Nothing more would be heard of it.
    if (request.destroyed && !request.complete) return reject(new ConnectionLostError())
    let isOver = false
    const clock = watchPace(limits, (error) => fail(error))
    const onData = (chunk: Buffer) => clock.came(chunk.length)
    // It also closes when all of it has been read, which may be before the parser is done.
    const onClose = () => {
      if (!request.complete) fail(new ConnectionLostError())
    }
    const onEnd = () => fail(signal.reason)
    const fail = (error: unknown) => finish(() => reject(error))
    const finish = (settle: () => void) => {
      if (isOver) return
      isOver = true
      clock.stop()
      signal.removeEventListener('abort', onEnd)
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
      attempt(() => parts.file(name, stream, labelOf(fileName, mediaType), fail)),
    )
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(event, () => fail(tooMany(limits)))
    parser.on('error', () => fail(bad('The multipart body is malformed or ends too early.')))
    parser.on('finish', () => finish(resolve))
    signal.addEventListener('abort', onEnd)
    request.on('error', onClose).on('close', onClose).on('data', onData).pipe(parser)
  })
}

/** Tells `onLate` when the client pauses for too long, or is too slow. */
function watchPace({ idleMs, paceMs, paceBytes }: UploadFormLimits, onLate: (error: Refusal) => void) {
  const late = (message: string) => onLate(new Refusal('REQUEST_TIMEOUT', message))
  let bytes = 0
  const idle = setTimeout(() => late(`No byte of the upload came for ${idleMs / 1000} seconds.`), idleMs)
  const pace = setInterval(() => {
    if (bytes < paceBytes) late(`The upload is too slow: ${bytes} bytes came in ${paceMs / 1000} seconds.`)
    bytes = 0
  }, paceMs)
  return {
    came(count: number) {
      bytes += count
      idle.refresh()
    },
    stop() {
      clearTimeout(idle)
      clearInterval(pace)
    },
  }
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

/** A part without a file name is a file all the same, which the library's types do not say. */
function labelOf(fileName: string | undefined, mediaType: string): FileLabel {
  return { fileName: fileName ?? '', mediaType }
}
