import { GraphQLError } from 'graphql'
import type { ReceivedFile } from '../services/jobs/artifact-intake.ts'
import type { Builder } from './builder.ts'

/** Adds the scalars `DateTime`, `Date`, `JSON` and `Upload`. */
export function addScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description:
      'A moment in UTC with milliseconds, such as `2026-11-22T17:30:00.000Z` (RFC 3339). Other offsets are taken in, too.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
    serialize: (ms) => new Date(ms).toISOString(),
    parseValue: parseDateTime,
  })
  builder.scalarType('Date', {
    description: 'A day of the calendar, such as `2026-11-22` (full-date of RFC 3339).',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
    serialize: (day) => day,
    parseValue: parseDate,
  })
  builder.scalarType('JSON', {
    description: 'Any JSON value: an object, a list, a string, a number, a boolean or null.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
    serialize: (value) => value,
    parseValue: (value) => value,
  })
  builder.scalarType('Upload', {
    description: 'A file that travels in the same request: variables and files in one `multipart/form-data` body.',
    specifiedByURL: 'https://github.com/jaydenseric/graphql-multipart-request-spec',
    serialize: () => {
      throw new TypeError('An Upload is never part of an answer.')
    },
    parseValue: parseUpload,
  })
}

const dateTime = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

function parseDateTime(value: unknown): number {
  const day = typeof value === 'string' ? dateTime.exec(value)?.[1] : undefined
  // `Date` makes 2 March of 30 February: only a day that comes back as it went in exists.
  const ms = typeof value === 'string' && day !== undefined && isDay(day) ? Date.parse(value) : Number.NaN
  if (ms >= earliest && ms <= latest) return ms
  throw refuse(
    'A DateTime is a string such as "2026-11-22T17:30:00.000Z": a day, a time and Z or an offset (RFC 3339).',
  )
}

/** What has a year of four digits in UTC, too: an offset may lead out of it. */
const earliest = Date.parse('0000-01-01T00:00:00.000Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

function parseDate(value: unknown): string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && isDay(value)) return value
  throw refuse('A Date is a string such as "2026-11-22": a day that there is (RFC 3339).')
}

function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}

function parseUpload(value: unknown): ReceivedFile {
  if (isReceivedFile(value)) return value
  throw refuse(
    'An Upload takes a file of a multipart request, given through a variable; not a literal and not any other value.',
  )
}

/** Only the upload door can put one here: a `keep` function cannot come in as JSON. */
function isReceivedFile(value: unknown): value is ReceivedFile {
  if (typeof value !== 'object' || value === null || !('blob' in value)) return false
  const { blob } = value
  return typeof blob === 'object' && blob !== null && 'keep' in blob && typeof blob.keep === 'function'
}

function refuse(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_INPUT' } })
}
