import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { WrittenFile } from '../../src/ports/compute-pool.ts'
import { openPool } from '../../src/workers/pool.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createRecorder, request, run, type Ended, type Said } from './open-test-pool.ts'

const projectRoot = join(import.meta.dirname, '../..')

export interface Ran {
  readonly ended: Ended
  readonly said: readonly Said[]
  /** What the task wrote, by artifact id; shards may write at the same time. */
  readonly files: ReadonlyMap<string, Buffer>
}

export interface BuiltIn extends AsyncDisposable {
  run(input: unknown): Promise<Ran>
  /** Cancels the job when it emits its first partial result. */
  cancelAtFirstPartial(input: unknown): Promise<Ran>
}

/** Real threads with one of the tasks that come with Millrace; `file` is its name without `.ts`. */
export async function openBuiltIn(file: string, threads: number): Promise<BuiltIn> {
  const taskFiles = [join(projectRoot, `src/workers/tasks/${file}.ts`)]
  const pool = openPool({ threads, taskFiles, logger: collectingLogger() })
  const [task] = await pool.describe()

  async function runUntil(input: unknown, controller: AbortController, atPartial: () => void): Promise<Ran> {
    const recorder = createRecorder(async () => atPartial())
    const files = new Map<string, Buffer>()
    async function keep({ path }: WrittenFile): Promise<string> {
      const data = await readFile(path)
      const id = `art_${files.size + 1}`
      files.set(id, data)
      return id
    }
    const listener = { ...recorder, file: keep }
    const ended = await run(pool, request(task?.name ?? '', input), listener, controller.signal)
    return { ended, said: recorder.said, files }
  }

  return {
    run: (input) => runUntil(input, new AbortController(), () => undefined),
    cancelAtFirstPartial(input) {
      const controller = new AbortController()
      return runUntil(input, controller, () => controller.abort())
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

/** An input that lies in `examples/tasks`. */
export async function exampleInput(file: string): Promise<object> {
  const input: unknown = JSON.parse(await readFile(join(projectRoot, `examples/tasks/${file}.json`), 'utf8'))
  return Object(input)
}

/** What the job answered. Throws where it did not succeed. */
export function outputOf({ ended }: Ran): unknown {
  if (ended.type === 'succeeded') return ended.output
  throw new Error(`The job did not succeed: ${JSON.stringify(ended)}`)
}

/** The partial results, in order. */
export function partialsOf({ said }: Ran): readonly unknown[] {
  return said.flatMap((one) => (one.type === 'partial' ? [one.data] : []))
}

export interface Decoded {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly pixels: Buffer
}

/** The pictures that a task wrote, by their artifact ids, decoded. */
export async function picturesOf({ files }: Ran): Promise<ReadonlyMap<string, Decoded>> {
  const decoded = await Promise.all(
    [...files].map(async ([id, data]): Promise<[string, Decoded]> => {
      const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true })
      const { width, height, channels } = info
      return [id, { width, height, channels, pixels }]
    }),
  )
  return new Map(decoded)
}
