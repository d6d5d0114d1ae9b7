import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import type { AttemptListener, AttemptOutcome, AttemptRequest, TaskDescription } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import type { AttemptOrder, FromThread, ThreadOutcome, ToThread } from '../messages.ts'
import { outcomeOfDeath } from './outcome-of-death.ts'

/** The threads, as an attempt needs them. */
export interface Threads {
  /** Runs the order on a free thread; an abort ends that thread. Rejects when the thread ends. */
  run(order: AttemptOrder, kill: AbortSignal): Promise<void>
  /** The thread of that id, while it is there. */
  find(threadId: number): Worker | null
  readonly logger: Logger
  /** How long a thread may take to come up and load the task, in ms. */
  readonly startDeadlineMs: number
}

/** One attempt as the main thread sees it: passes on what the thread says, and ends it by its rungs. Used once. */
export class Attempt {
  /** Resolves when the thread that was ended is really gone; native code may hold it. At once when none was ended. */
  gone: Promise<unknown> = Promise.resolve()
  readonly #threads: Threads
  readonly #description: TaskDescription
  readonly #listener: AttemptListener
  readonly #port: MessagePort
  readonly #order: AttemptOrder
  readonly #kill = new AbortController()
  readonly #stopped = Promise.withResolvers<void>()
  readonly #untaken = new Set<Promise<void>>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #startTimer: NodeJS.Timeout | null = null
  #worker: Worker | null = null
  #stoppedAs: AttemptOutcome | null = null
  #reported: ThreadOutcome | null = null

  constructor(threads: Threads, description: TaskDescription, request: AttemptRequest, listener: AttemptListener) {
    this.#threads = threads
    this.#description = description
    this.#listener = listener
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#order = { request, file: description.file, port: port2, stopFlag: new SharedArrayBuffer(4) }
  }

  /** Runs it to its end. Never rejects; afterwards the listener is not called any more. */
  async run(signal: AbortSignal): Promise<AttemptOutcome> {
    const onAbort = (): void => this.#stop({ type: 'cancelled' }, this.#description.graceMs)
    const onMessage = (message: FromThread): void => this.#receive(message)
    this.#port.on('message', onMessage)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    this.#startTimer = this.#after(this.#threads.startDeadlineMs, () =>
      this.#stop({ type: 'lost', message: 'No thread came up to run the task.' }, 0),
    )
    const death = await this.#threads.run(this.#order, this.#kill.signal).then(
      () => null,
      (error: unknown) => error,
    )
    // The thread said everything before it ended: what has not been an event yet lies in the port, in order.
    this.#port.off('message', onMessage)
    for (let left = receiveMessageOnPort(this.#port); left !== undefined; left = receiveMessageOnPort(this.#port)) {
      // Only our thread holds the other end.
      this.#receive(left.message as FromThread)
    }
    this.#clearTimers()
    if (this.#stoppedAs === null) await Promise.race([Promise.allSettled(this.#untaken), this.#stopped.promise])
    signal.removeEventListener('abort', onAbort)
    this.#clearTimers()
    this.#port.close()
    // A cancelled job is cancelled, whatever else became of it.
    return signal.aborted
      ? { type: 'cancelled' }
      : (this.#stoppedAs ?? toOutcome(this.#reported) ?? outcomeOfDeath(death))
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'started':
        return this.#start(message.threadId)
      case 'progress':
        return this.#tell(() => this.#listener.progress({ fraction: message.fraction, message: message.message }))
      case 'partial':
        return this.#tell(() => this.#pass(JSON.parse(message.json)))
      case 'log':
        return this.#tell(() => this.#listener.log(message.level, message.text))
      case 'unloadable':
        return this.#threads.logger.error({ task: this.#description.name }, message.message)
      case 'ended':
        this.#reported = message.outcome
    }
  }

  #start(threadId: number): void {
    if (this.#startTimer !== null) clearTimeout(this.#startTimer)
    this.#worker = this.#threads.find(threadId)
    const { timeoutMs, graceMs } = this.#description
    if (timeoutMs === null || this.#stoppedAs !== null) return
    const message = `The task took longer than the ${timeoutMs.toLocaleString('en')} ms it may take.`
    this.#after(timeoutMs, () => this.#stop({ type: 'failed', error: { code: 'TIMEOUT', message } }, graceMs))
  }

  #tell(speak: () => void): void {
    try {
      speak()
    } catch (error) {
      this.#refused(error)
    }
  }

  #pass(data: unknown): void {
    const taken = this.#listener.partial(data).then(
      () => this.#post({ type: 'acknowledge' }),
      (error: unknown) => this.#refused(error),
    )
    this.#untaken.add(taken)
    void taken.finally(() => this.#untaken.delete(taken))
  }

  /** Who listens cannot keep what the task says: the attempt is worth nothing any more. */
  #refused(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#stop({ type: 'lost', message: `What the task said could not be kept: ${why}` }, this.#description.graceMs)
  }

  /** Asks the task to stop and ends its thread after the grace. The first reason counts. */
  #stop(as: AttemptOutcome, graceMs: number): void {
    if (this.#stoppedAs !== null) return
    this.#stoppedAs = as
    this.#stopped.resolve()
    Atomics.store(new Int32Array(this.#order.stopFlag), 0, 1)
    this.#post({ type: 'stop' })
    this.#after(graceMs, () => {
      if (this.#worker !== null) this.gone = this.#worker.terminate()
      this.#kill.abort()
    })
  }

  #post(message: ToThread): void {
    this.#port.postMessage(message, [])
  }

  #after(ms: number, then: () => void): NodeJS.Timeout {
    const timer = setTimeout(then, ms)
    this.#timers.add(timer)
    return timer
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}

function toOutcome(reported: ThreadOutcome | null): AttemptOutcome | null {
  if (reported === null) return null
  if (reported.type === 'succeeded') return { type: 'succeeded', output: JSON.parse(reported.json) }
  return { type: 'failed', error: { code: reported.code, message: reported.message } }
}
