import type { ResultMediaType } from '../graphql/graphql-answer.ts'

type StreamMediaType = 'text/event-stream' | 'application/vnd.millrace.poll+json'

/** What a request to `/graphql` can be answered in. */
export type AnswerMediaType = ResultMediaType | StreamMediaType

const written: readonly string[] = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'application/vnd.millrace.poll+json',
] satisfies AnswerMediaType[]

/**
 * The media type that the `Accept` header likes best of those we write, the first named where it likes several the same;
 * `null` when it takes none of them. Wildcards and no header at all mean `application/json` (GraphQL over HTTP).
 */
export function negotiate(accept: string | null): AnswerMediaType | null {
  if (accept === null || accept.trim() === '') return 'application/json'
  const ranges = accept.split(',').slice(0, mostRanges).map(readRange)
  const refused = ranges.filter(({ quality }) => quality === 0).map(({ type }) => type)
  const candidates = ranges.flatMap(({ type, quality }) => {
    const known = type === '*/*' || type === 'application/*' ? 'application/json' : type
    return quality > 0 && isWritten(known) && !refused.includes(known) ? [{ type: known, quality }] : []
  })
  const best = Math.max(0, ...candidates.map(({ quality }) => quality))
  return candidates.find(({ quality }) => quality === best)?.type ?? null
}

const mostRanges = 32

function isWritten(type: string): type is AnswerMediaType {
  return written.includes(type)
}

function readRange(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

/** Whether the media type is that of a transport for streams. */
export function isStreamType(type: AnswerMediaType): type is StreamMediaType {
  return type === 'text/event-stream' || type === 'application/vnd.millrace.poll+json'
}

/** Whether a browser asks for a page, not a program for data. */
export function wantsPage(method: string, accept: string | null): boolean {
  return method === 'GET' && (accept ?? '').toLowerCase().includes('text/html')
}

/** A media type without its parameters, in lower case; `null` without one. */
export function essence(contentType: string | null): string | null {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  return type === '' ? null : type
}

/** The `charset` of a content type, in lower case; `null` without one. */
export function charset(contentType: string | null): string | null {
  return /;\s*charset\s*=\s*"?([\w-]+)"?/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? null
}
