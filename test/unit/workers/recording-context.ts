import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ArtifactInput, ArtifactOutput, TaskContext } from '../../../src/core/task.ts'

export interface WrittenFile {
  readonly fileName: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** A context that writes down what a task says, for tests of tasks as plain functions. Ids are `file_0` and so on. */
export interface RecordingContext<Partial> extends TaskContext<Partial> {
  readonly partials: Partial[]
  readonly written: WrittenFile[]
  readonly fractions: number[]
  cancel(): void
}

export async function recordingContext<Partial>(path: string, fileName?: string): Promise<RecordingContext<Partial>> {
  const { size } = await stat(path)
  const input: ArtifactInput = {
    id: 'art_1',
    fileName: fileName ?? basename(path),
    mediaType: 'application/octet-stream',
    size,
    path,
  }
  const controller = new AbortController()
  const partials: Partial[] = []
  const written: WrittenFile[] = []
  const fractions: number[] = []
  let count = 0
  return {
    job: { id: 'job_test', attempt: 1, idempotencyKey: 'key' },
    signal: controller.signal,
    throwIfCancelled: () => controller.signal.throwIfAborted(),
    progress: (fraction) => void fractions.push(fraction),
    counter: {
      add: (by = 1) => (count += by),
      get value() {
        return count
      },
      total: 0,
    },
    emit: async (partial) => void partials.push(partial),
    log: () => undefined,
    artifacts: {
      open: () => input,
      async write(file) {
        written.push({ fileName: file.fileName, mediaType: file.mediaType, bytes: await bytesOf(file.data) })
        return `file_${written.length - 1}`
      },
    },
    scratch: (_key, make) => make(),
    partials,
    written,
    fractions,
    cancel: () => controller.abort(new Error('The job is to stop.')),
  }
}

async function bytesOf(data: ArtifactOutput['data']): Promise<Buffer> {
  if (typeof data === 'string' || data instanceof Uint8Array) return Buffer.from(data)
  const pieces: Uint8Array[] = []
  for await (const piece of data) pieces.push(piece)
  return Buffer.concat(pieces)
}
