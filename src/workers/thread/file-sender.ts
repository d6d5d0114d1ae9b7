import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers'
import type { ArtifactOutput } from '../../core/task.ts'
import type { FromThread, ToThread, WrittenFilesOrder } from '../messages.ts'
import { createPlaces } from './places.ts'

/** Files that are being written, or wait for their ids, at once. */
const maxOpenFiles = 4
/** Files that a task which does not await `write` may pile up. */
const maxWaitingFiles = 1_000
const maxNameLength = 1_000

export interface FileSenderOptions {
  readonly order: WrittenFilesOrder
  /** What the names of this part's files begin with: shards write into one folder. */
  readonly prefix: string
  readonly signal: AbortSignal
  throwIfCancelled(this: void): void
  post(this: void, message: FromThread): void
}

export interface FileSender {
  write(this: void, file: ArtifactOutput): Promise<string>
  /** The main thread has answered. */
  answer(answer: Extract<ToThread, { type: 'kept' | 'refused' }>): void
  /** How many files have neither been kept nor refused, or were refused and nobody may have looked at that yet. */
  readonly unsettled: number
  /** Resolves once every file is kept, refused or given up; an error that nobody looked at has then been thrown. */
  settled(): Promise<void>
  /** Whether code of the task may still be giving pieces of a file. */
  readonly isWriting: boolean
  /** Takes no more files. */
  close(): void
}

/**
 * Writes files of a task to where the main thread takes them from. A write that fails and that nobody catches is an
 * unhandled rejection, and ends the attempt as any other does.
 */
export function createFileSender(options: FileSenderOptions): FileSender {
  return new FileWriter(options)
}

class FileWriter implements FileSender {
  readonly #options: FileSenderOptions
  readonly #places = createPlaces(maxOpenFiles)
  readonly #answers = new Map<number, PromiseWithResolvers<string>>()
  readonly #unsettled = new Set<Promise<string>>()
  #files = 0
  #writing = 0
  #hasFailed = false
  #closed = false

  constructor(options: FileSenderOptions) {
    this.#options = options
  }

  get isWriting(): boolean {
    return this.#writing > 0
  }

  readonly write = (file: ArtifactOutput): Promise<string> => {
    const written = untilStopped(this.#options.signal, this.#write(file))
    this.#unsettled.add(written)
    void written.catch(() => (this.#hasFailed = true)).finally(() => this.#unsettled.delete(written))
    // The promise that the task gets is another: one that it leaves alone must count as unhandled.
    return written.then((id) => id)
  }

  answer(answer: Extract<ToThread, { type: 'kept' | 'refused' }>): void {
    const asked = this.#answers.get(answer.file)
    this.#answers.delete(answer.file)
    if (answer.type === 'kept') asked?.resolve(answer.id)
    else asked?.reject(new Error(answer.message))
  }

  get unsettled(): number {
    return this.#unsettled.size + (this.#hasFailed ? 1 : 0)
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#unsettled)
    // Rejections that nobody handles are thrown once the microtasks are through.
    if (this.#hasFailed) await new Promise((resolve) => void setImmediate(resolve))
  }

  close(): void {
    this.#closed = true
  }

  async #write(file: ArtifactOutput): Promise<string> {
    if (!isFile(file)) throw new TypeError(shape)
    if (this.#closed) throw new Error('The job has ended: it takes no more files.')
    if (this.#places.waiting >= maxWaitingFiles) {
      throw new Error(`More than ${maxWaitingFiles} files are waiting: await every artifacts.write().`)
    }
    // Taken at once: the task may change its object while the file waits.
    const { fileName, mediaType, data } = file
    this.#writing += 1
    try {
      await this.#places.enter()
      return await this.#send({ fileName, mediaType, data })
    } finally {
      this.#writing -= 1
      this.#places.leave()
    }
  }

  async #send({ fileName, mediaType, data }: ArtifactOutput): Promise<string> {
    const { order, prefix, post, throwIfCancelled } = this.#options
    throwIfCancelled()
    this.#files += 1
    const file = this.#files
    const path = join(order.folder, `${prefix}-${file}`)
    if (file === 1) post({ type: 'writing' })
    await mkdir(order.folder, { recursive: true, mode: 0o700 })
    await writeTo(path, data, this.#options)
    const answer = Promise.withResolvers<string>()
    this.#answers.set(file, answer)
    post({ type: 'file', file, path, fileName, mediaType })
    return answer.promise
  }
}

const shape =
  'artifacts.write() takes { fileName, mediaType, data }: two texts, and bytes, a text or what gives bytes piece by piece.'

/** A task in plain JavaScript may give anything. */
function isFile(file: unknown): file is ArtifactOutput {
  if (typeof file !== 'object' || file === null) return false
  const { fileName, mediaType, data } = file as Readonly<Record<string, unknown>>
  const isName = (text: unknown): boolean => typeof text === 'string' && text !== '' && text.length <= maxNameLength
  const isIterable =
    typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data)
  return isName(fileName) && isName(mediaType) && (typeof data === 'string' || isIterable)
}

/** What a task hands over piece by piece may never come to its end: the wait ends with the job. */
async function untilStopped<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  const stopped = Promise.withResolvers<never>()
  const onAbort = (): void => stopped.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([promise, stopped.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function writeTo(path: string, data: ArtifactOutput['data'], options: FileSenderOptions): Promise<void> {
  const { maxBytes } = options.order
  const whole = typeof data === 'string' ? Buffer.from(data) : data
  const pieces = whole instanceof Uint8Array ? [whole] : whole
  let bytes = 0
  await using file = await open(path, 'wx', 0o600)
  for await (const piece of pieces) {
    options.throwIfCancelled()
    // A task in plain JavaScript may give anything.
    if (!(piece instanceof Uint8Array)) throw new TypeError('The data of a file comes in pieces that are Uint8Arrays.')
    bytes += piece.byteLength
    if (bytes > maxBytes) throw new Error(`A file may have at most ${maxBytes.toLocaleString('en')} bytes.`)
    await file.writeFile(piece)
  }
}
