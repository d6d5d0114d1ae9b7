import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { NotFoundError, Refusal } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Artifact } from '../../ports/artifact-index.ts'
import type { Artifacts } from '../../services/jobs/artifacts.ts'
import type { OpenContext } from '../request-context.ts'
import { byteRange } from './byte-range.ts'
import { attachment } from './content-disposition.ts'
import type { Door, Exchange } from './exchange.ts'
import { requireMethod } from './method.ts'
import { singleHeader } from './single-header.ts'

export interface DownloadOptions {
  readonly artifacts: Pick<Artifacts, 'find' | 'read'>
  readonly openContext: OpenContext
}

export const artifactPath = '/artifacts/'

/** Answers `/artifacts/:id` with the bytes of an artifact of the caller. Someone else's is not there. */
export function createDownloadDoor({ artifacts, openContext }: DownloadOptions): Door {
  return async (exchange) => {
    const { response, facts, method, path } = exchange
    requireMethod(method, ['GET', 'HEAD'])
    const id = path.slice(artifactPath.length)
    const { principal } = await openContext({ ...facts, resume: null })
    const artifact = isId('artifact', id) ? await artifacts.find(principal, id) : null
    if (artifact === null) throw new NotFoundError('artifact')
    const caching = { etag: etag(artifact), 'cache-control': 'private, no-cache' }
    if (isUnchanged(exchange, artifact)) return void response.writeHead(304, caching).end()

    const range = requestedRange(exchange, artifact)
    const { start, end } = range ?? { start: 0, end: artifact.size - 1 }
    const source = method === 'HEAD' ? null : await artifacts.read(artifact, range ?? undefined)
    response.writeHead(range === null ? 200 : 206, {
      ...caching,
      ...harmless(artifact),
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${artifact.size}` }),
    })
    if (source === null) response.end()
    else await stream(source, response)
  }
}

/** Headers under which a file that anyone may have written cannot do harm in a browser. */
function harmless(artifact: Artifact) {
  const isType = /^[\w.+-]+\/[\w.+-]+$/.test(artifact.mediaType)
  return {
    'content-type': isType ? artifact.mediaType : 'application/octet-stream',
    'content-disposition': attachment(artifact.fileName),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  }
}

function etag(artifact: Artifact): string {
  return `"${artifact.hash}"`
}

function isUnchanged({ request }: Exchange, artifact: Artifact): boolean {
  const known = request.headers['if-none-match']
  return known?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag(artifact)) ?? false
}

/** The range to answer with; `null` for all of it. Throws `RANGE_NOT_SATISFIABLE`. */
function requestedRange({ request, response }: Exchange, artifact: Artifact) {
  const condition = singleHeader(request, 'if-range')
  if (condition !== null && condition !== etag(artifact)) return null
  const range = byteRange(singleHeader(request, 'range'), artifact.size)
  if (range !== 'unsatisfiable') return range
  response.setHeader('content-range', `bytes */${artifact.size}`)
  throw new Refusal('RANGE_NOT_SATISFIABLE', `The artifact has ${artifact.size} bytes; the range is not within them.`)
}

/** Streams the bytes at the client's pace. When the client goes, the file is closed and nobody is left to be told. */
async function stream(source: Readable, response: ServerResponse): Promise<void> {
  if (response.destroyed) return void source.destroy()
  try {
    await pipeline(source, response)
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isGone) throw error
  }
}
