import { setTimeout as wait } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import {
  type AttemptListener,
  type AttemptOutcome,
  type AttemptRequest,
  type ComputePool,
  type PoolThreadMemory,
  type PoolStatistics,
  type TaskDescription,
  ThreadHeapError,
} from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import { type AttemptSettings, runAttempt } from './pool/attempt.ts'
import { closed } from './pool/attempt-end.ts'
import { createAttemptTimes } from './pool/attempt-times.ts'
import { type Generation, startGeneration } from './pool/generation.ts'
import { createSlots } from './pool/slots.ts'
import { createStandstills } from './pool/standstills.ts'
import { heapTimes, type HeapTimes, writeThreadHeap } from './pool/thread-heap.ts'
import { createThreadMemoryReader } from './pool/thread-memory.ts'
import { createThreadRoster } from './pool/thread-roster.ts'
import { createWrittenFiles } from './pool/written-files.ts'
import type { ThreadSettings } from './thread-settings.ts'

export interface PoolOptions {
  /** How many attempts of one thread run at once. All threads are up from the start. */
  readonly threads: number
  /** Every task file; see `listTaskFiles`. */
  readonly taskFiles: readonly string[]
  readonly logger: Logger
  /** What all threads know of the runtime settings; without it nobody sets anything. */
  readonly settings?: ThreadSettings
  /** The JavaScript heap that a thread may fill, in MiB; buffers do not count. `null`, as when not given: Node's own limit. */
  readonly heapMb?: number | null
  /** How long a thread may take to come up and load a task, in ms (30,000). */
  readonly startDeadlineMs?: number
  /**
   * Where the files of tasks lie until they are artifacts, for this pool alone: what an earlier one left there is removed.
   * Made when needed; without it a folder of the system's for temporary files is.
   */
  readonly filesFolder?: string
  /** The most bytes of a file that a task writes (64 MiB). */
  readonly maxFileBytes?: number
  readonly heapTimes?: HeapTimes
}

/** Attempts that may wait for a thread; who keeps to `free` never has one waiting for long. */
const maxWaiting = 1_000
const disposeWithinMs = 5_000

/**
 * Opens a pool of threads on Piscina. They come up in the background: the first call waits for them.
 * A task that fills its heap fails alone, mostly: V8 can also collect garbage for minutes and past its limit before it gives up
 * (seen with many small arrays), which nothing ends, and a single allocation far over what is left is fatal to V8 in any
 * thread, and so to the process.
 */
export function openPool(options: PoolOptions): ComputePool {
  return new ThreadPool(options)
}

class ThreadPool implements ComputePool {
  readonly threads: number
  readonly #options
  readonly #settings: AttemptSettings
  readonly #times = createAttemptTimes()
  readonly #roster = createThreadRoster()
  readonly #threadMemory = createThreadMemoryReader(this.#roster)
  readonly #running = new Set<Promise<AttemptOutcome>>()
  /** All whose threads may be there. */
  readonly #generations = new Set<Generation>()
  #current: Generation
  #reloading: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: PoolOptions) {
    const { threads, logger } = options
    this.threads = threads
    this.#options = { startDeadlineMs: 30_000, ...options, heapMb: options.heapMb ?? null }
    this.#settings = {
      threads,
      logger,
      slots: createSlots(threads, maxWaiting),
      roster: this.#roster,
      files: createWrittenFiles(options.filesFolder ?? null, logger),
      standstills: createStandstills(),
      maxFileBytes: options.maxFileBytes ?? 64 * 2 ** 20,
      startDeadlineMs: this.#options.startDeadlineMs,
      onClosing: new Set(),
    }
    this.#current = this.#start(options.taskFiles)
  }

  get free(): number {
    return this.#isClosed ? 0 : this.#settings.slots.free
  }

  onFree(listener: () => void): () => void {
    return this.#settings.slots.onFree(listener)
  }

  describe(): Promise<readonly TaskDescription[]> {
    return this.#current.describe()
  }

  async run(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome> {
    // Until here nothing was awaited where the tasks are known: an attempt occupies its thread at once.
    const attempt = this.#attempt(request, listener, signal)
    this.#running.add(attempt)
    try {
      return await attempt
    } catch (error) {
      if (this.#isClosed) return { ...closed, cpuMs: 0 }
      throw error
    } finally {
      this.#running.delete(attempt)
    }
  }

  statistics(): PoolStatistics {
    const { busy, stranded, waiting } = this.#settings.slots
    return {
      threads: this.threads,
      up: this.#current.list().length,
      busy,
      zombies: stranded,
      waiting,
      ...this.#times.read(),
    }
  }

  memory(): Promise<readonly PoolThreadMemory[]> {
    const workers = this.#workers()
    this.#roster.keepOnly(new Set(workers.map(({ threadId }) => threadId)))
    return this.#threadMemory.read(workers)
  }

  async collect(threadId: number): Promise<PoolThreadMemory | null> {
    const worker = this.#workers().find((each) => each.threadId === threadId)
    return worker === undefined ? null : this.#threadMemory.collect(worker)
  }

  async heapSnapshot(threadId: number, path: string, signal: AbortSignal): Promise<number> {
    if (this.#workers().every((each) => each.threadId !== threadId))
      throw new ThreadHeapError('There is no such thread.')
    const { standstills } = this.#settings
    return writeThreadHeap({ threadId, path, signal, standstills, times: this.#options.heapTimes ?? heapTimes })
  }

  reload(taskFiles: readonly string[], accept: Accept = () => {}): Promise<readonly TaskDescription[]> {
    // One after the other, so that the last one asked for is the one that stays.
    const reloaded = this.#reloading.then(() => this.#replace(taskFiles, accept))
    this.#reloading = reloaded.catch(() => undefined)
    return reloaded
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#settings.slots.close()
    for (const close of this.#settings.onClosing) close()
    const giveUp = new AbortController()
    const ended = Promise.allSettled([...[...this.#generations].map((each) => each.destroy()), ...this.#running])
    // Native code may keep a thread from ending.
    await Promise.race([ended, wait(disposeWithinMs, null, { signal: giveUp.signal })])
    giveUp.abort()
    await this.#settings.files.close()
  }

  async #attempt(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome> {
    if (this.#isClosed) return { ...closed, cpuMs: 0 }
    const generation = this.#current
    const leave = generation.enter()
    try {
      if (generation.tasks === null) await generation.describe()
      const description = generation.tasks?.get(request.task)
      if (description === undefined) return unknownTask(request.task)
      const threads = generation.threadsFor(description.heapMb)
      const timer = this.#times.begin(request.task)
      try {
        const options = { threads, description, request, listener, onStart: () => timer.started() }
        return await runAttempt(this.#settings, options, signal)
      } finally {
        timer.ended()
      }
    } finally {
      leave()
    }
  }

  #workers(): readonly Worker[] {
    return [...this.#generations].flatMap((generation) => generation.list())
  }

  #start(taskFiles: readonly string[]): Generation {
    const { threads, logger, heapMb, startDeadlineMs } = this.#options
    const settings = this.#options.settings?.memory ?? null
    const generation = startGeneration({ threads, logger, heapMb, startDeadlineMs, taskFiles, settings })
    this.#generations.add(generation)
    return generation
  }

  async #replace(taskFiles: readonly string[], accept: Accept): Promise<readonly TaskDescription[]> {
    if (this.#isClosed) throw new Error('The pool was closed.')
    const next = this.#start(taskFiles)
    try {
      const described = await next.describe()
      if (this.#isClosed) throw new Error('The pool was closed.')
      accept(described)
      const last = this.#current
      this.#current = next
      void last.retire().then(() => this.#generations.delete(last))
      this.#times.keepOnly(described)
      return described
    } catch (error) {
      this.#generations.delete(next)
      await next.destroy()
      throw this.#isClosed ? new Error('The pool was closed.', { cause: error }) : error
    }
  }
}

type Accept = (descriptions: readonly TaskDescription[]) => void

function unknownTask(name: string): AttemptOutcome {
  return { type: 'failed', error: { code: 'UNKNOWN_TASK', message: `No task named ${name} is loaded.` }, cpuMs: 0 }
}
