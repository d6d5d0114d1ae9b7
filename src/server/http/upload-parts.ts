import type { Readable } from 'node:stream'
import { Refusal } from '../../core/errors.ts'
import type { OpenUpload, ReceivedFile } from '../../services/jobs/artifact-intake.ts'
import { parseJson } from '../json-text.ts'
import { placeFile, readUploadMap, type UploadMap } from './upload-map.ts'

/** What a sender says of a file; the service decides what of it is kept. */
export type FileLabel = Pick<ReceivedFile, 'fileName' | 'mediaType'>

export interface UploadPartsOptions {
  readonly upload: Pick<OpenUpload, 'receive'>
  readonly maxFiles: number
  /** The most bytes of `operations` and of `map`, each. */
  readonly maxFieldBytes: number
}

/** What has come of a multipart request so far. Dispose of it, and what was not kept of its files is gone. */
export interface UploadParts extends AsyncDisposable {
  field(name: string, value: string, isTruncated: boolean): void
  /** Begins to receive a file; what goes wrong later is told to `fail`. */
  file(name: string, stream: Readable, label: FileLabel, fail: (error: unknown) => void): void
  /** Puts the files in their places and answers with the operation. Throws when something is missing or empty. */
  complete(): Promise<object>
  /** Makes those who still receive a file fail. */
  abandon(reason: Error): void
}

export function createUploadParts({ upload, maxFiles, maxFieldBytes }: UploadPartsOptions): UploadParts {
  let operations: object | null = null
  let map: UploadMap | null = null
  const streams: Readable[] = []
  const files = new Map<string, Promise<ReceivedFile>>()

  return {
    field(name, value, isTruncated) {
      if (map !== null || name !== (operations === null ? 'operations' : 'map')) throw outOfOrder()
      if (isTruncated) {
        const message = `"${name}" is larger than ${maxFieldBytes} bytes.`
        throw new Refusal('PAYLOAD_TOO_LARGE', message, { limit: maxFieldBytes })
      }
      const parsed = parseJson(Buffer.from(value), `"${name}"`)
      if (operations === null) operations = asObject(parsed)
      else map = readUploadMap(parsed, operations, maxFiles)
    },

    file(name, stream, label, fail) {
      // A stream whose reader has already given up must not bring the process down.
      stream.on('error', () => {})
      streams.push(stream)
      if (map === null) throw outOfOrder()
      if (!map.has(name)) throw bad('A file was sent that "map" does not name.')
      if (files.has(name)) throw bad('A file that "map" names was sent twice.')
      const file = upload.receive(stream).then((blob): ReceivedFile => ({ blob, ...label }))
      files.set(name, file)
      file.catch(fail)
    },

    async complete() {
      if (operations === null || map === null) throw outOfOrder()
      for (const [name, paths] of map) {
        const file = await files.get(name)
        if (file === undefined) throw bad('A file that "map" names was not sent.')
        if (file.blob.size === 0) throw emptyFile(paths)
        for (const path of paths) placeFile(operations, path, file)
      }
      return operations
    },

    abandon(reason) {
      for (const stream of streams) stream.destroy(reason)
    },

    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...files.values()].map(async (file) => (await file).blob[Symbol.asyncDispose]()))
    },
  }
}

function asObject(value: unknown): object {
  if (Array.isArray(value)) throw bad('Several operations in one request are not supported: send one object.')
  if (typeof value !== 'object' || value === null) throw bad('"operations" must be a JSON object.')
  return value
}

function emptyFile(paths: readonly (readonly string[])[]): Refusal {
  const message = 'The file is empty.'
  return new Refusal('INVALID_INPUT', message, { issues: paths.map((path) => ({ path, message })) })
}

function outOfOrder(): Refusal {
  return bad('A multipart request must send operations, then map, then files.')
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message)
}
