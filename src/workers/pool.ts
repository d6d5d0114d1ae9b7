import { setTimeout as wait } from 'node:timers/promises'
import type {
  AttemptListener,
  AttemptOutcome,
  AttemptRequest,
  ComputePool,
  TaskDescription,
} from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import { askForDescriptions } from './pool/ask-for-descriptions.ts'
import { Attempt, type Threads } from './pool/attempt.ts'
import { createSlots, type Slot } from './pool/slots.ts'
import { startThreads } from './pool/start-threads.ts'

export interface PoolOptions {
  /** How many attempts run at once. All threads are up from the start. */
  readonly threads: number
  /** Every task file; see `listTaskFiles`. */
  readonly taskFiles: readonly string[]
  readonly logger: Logger
  /** The JavaScript heap that a thread may fill, in MiB; buffers do not count. `null`, as when not given: Node's own limit. */
  readonly heapMb?: number | null
  /** How long a thread may take to come up and load a task, in ms (30,000). */
  readonly startDeadlineMs?: number
}

/** Attempts that may wait for a thread; who keeps to `threads` never has one waiting for long. */
const maxWaiting = 1_000
/** A thread that was ended and is there after so many ms sits in native code. */
const zombieAfterMs = 1_000
const disposeWithinMs = 5_000

/**
 * Opens a pool of threads on Piscina. They come up in the background: the first call waits for them.
 * A task that fills its heap by many allocations fails alone; a single allocation far over what is left is fatal to V8
 * in any thread, and so to the process.
 */
export function openPool(options: PoolOptions): ComputePool {
  return new ThreadPool(options)
}

class ThreadPool implements ComputePool {
  readonly threads: number
  readonly #piscina
  readonly #slots
  readonly #forAttempts: Threads
  readonly #running = new Set<Promise<AttemptOutcome>>()
  #described: Promise<readonly TaskDescription[]> | null = null
  #closed = false

  constructor(options: PoolOptions) {
    this.threads = options.threads
    const piscina = startThreads(options)
    this.#piscina = piscina
    this.#slots = createSlots(options.threads, maxWaiting)
    this.#forAttempts = {
      // The port goes with the order; Piscina's types are older than Node's.
      run: (order, signal) => piscina.run(order, { name: 'run', signal, transferList: [order.port] as never }),
      find: (threadId) => piscina.threads.find((thread) => thread.threadId === threadId) ?? null,
      logger: options.logger,
      startDeadlineMs: options.startDeadlineMs ?? 30_000,
    }
  }

  describe(): Promise<readonly TaskDescription[]> {
    this.#described ??= askForDescriptions(this.#piscina, this.#forAttempts.startDeadlineMs)
    return this.#described
  }

  async run(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome> {
    if (this.#closed) return closed
    return this.#unlessClosed(this.#attempt(request, listener, signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#slots.close()
    const giveUp = new AbortController()
    const ended = Promise.allSettled([this.#piscina.destroy(), ...this.#running])
    // Native code may keep a thread from ending.
    await Promise.race([ended, wait(disposeWithinMs, null, { signal: giveUp.signal })])
    giveUp.abort()
  }

  /** All threads end when the pool closes: that, and nothing else, is then why an attempt is lost. */
  async #unlessClosed(outcome: Promise<AttemptOutcome>): Promise<AttemptOutcome> {
    this.#running.add(outcome)
    try {
      const how = await outcome
      return this.#closed && how.type === 'lost' ? closed : how
    } catch (error) {
      if (this.#closed) return closed
      throw error
    } finally {
      this.#running.delete(outcome)
    }
  }

  async #attempt(request: AttemptRequest, listener: AttemptListener, signal: AbortSignal): Promise<AttemptOutcome> {
    const description = (await this.describe()).find((task) => task.name === request.task)
    if (description === undefined) {
      return { type: 'failed', error: { code: 'UNKNOWN_TASK', message: `No task named ${request.task} is loaded.` } }
    }
    const slot = await this.#slots.take(signal)
    if (slot === 'aborted') return { type: 'cancelled' }
    if (slot === 'full') return { type: 'lost', message: 'More attempts wait for a thread than may wait.' }
    if (slot === 'closed') return closed
    const attempt = new Attempt(this.#forAttempts, description, request, listener)
    try {
      return await attempt.run(signal)
    } finally {
      void freeWhenGone(attempt.gone, slot, this.#forAttempts.logger, { job: request.job.id, task: request.task })
    }
  }
}

const closed: AttemptOutcome = { type: 'lost', message: 'The pool was closed.' }

/** A thread that does not end, because native code ignores termination, keeps its slot: its core is still taken. */
async function freeWhenGone(gone: Promise<unknown>, slot: Slot, logger: Logger, fields: object): Promise<void> {
  const warning = setTimeout(
    () => logger.error(fields, 'A compute thread does not end: native code holds it.'),
    zombieAfterMs,
  )
  await gone
  clearTimeout(warning)
  slot.release()
}
