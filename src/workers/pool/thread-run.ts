import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import type { AttemptOrder, FromThread, Part, PartOutcome, ToThread } from '../messages.ts'
import { portsOf } from '../ports-of.ts'
import { isFromThread } from './told-by-thread.ts'

/** The threads, as an attempt needs them. */
export interface Threads {
  /**
   * Runs the order on a free thread. Rejects when the thread ends. An abort ends it, and `list` is without it at once; where
   * no thread has the order, or has it no more, none is ended.
   */
  run(order: AttemptOrder, ports: readonly MessagePort[], kill: AbortSignal): Promise<void>
  list(): readonly Worker[]
}

/** How a thread's part of an attempt came to its end. */
export interface ThreadEnd {
  /** What the thread said last; `null` when it ended without a word. */
  readonly outcome: PartOutcome | null
  /** What the pool was told of the end of the thread, if it ended. */
  readonly death: unknown
  /** `null` when it ended without a word. */
  readonly cpuMs: number | null
  /** Resolves when a thread that was ended is really gone: native code may hold it. `null` where none was ended. */
  readonly gone: Promise<unknown> | null
}

/** One part of an attempt on one thread, as the main thread sees it. Used once. */
export class ThreadRun {
  /** Which of the attempt's threads it is. */
  readonly index: number
  /** Whether it has come to its end. */
  readonly life = { isOver: false }
  readonly #threads: Threads
  readonly #hear: (message: FromThread, from: ThreadRun) => void
  readonly #port: MessagePort
  readonly #order: AttemptOrder
  readonly #kill = new AbortController()
  #ended: Extract<FromThread, { type: 'ended' }> | null = null
  #gone: Promise<unknown> | null = null

  constructor(
    threads: Threads,
    order: Omit<AttemptOrder, 'port'>,
    hear: (message: FromThread, from: ThreadRun) => void,
  ) {
    this.#threads = threads
    this.#hear = hear
    this.index = order.part.type === 'shard' ? order.part.index : 0
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#order = { ...order, port: port2 }
  }

  get part(): Part['type'] {
    return this.#order.part.type
  }

  /** Runs it to its end. Never rejects; afterwards nothing is heard any more. */
  async run(): Promise<ThreadEnd> {
    const onMessage = (message: unknown): void => this.#receive(message)
    this.#port.on('message', onMessage)
    const ports = [this.#order.port, ...portsOf(this.#order.part)]
    const death = await this.#threads.run(this.#order, ports, this.#kill.signal).then(
      () => null,
      (error: unknown) => error,
    )
    // The thread said everything before it ended: what has not been an event yet lies in the port, in order.
    this.#port.off('message', onMessage)
    for (let left = receiveMessageOnPort(this.#port); left !== undefined; left = receiveMessageOnPort(this.#port)) {
      this.#receive(left.message)
    }
    this.#port.close()
    this.life.isOver = true
    // An order that no thread took has left its ports here; elsewhere this does nothing.
    for (const port of ports) port.close()
    return { outcome: this.#ended?.outcome ?? null, death, cpuMs: this.#ended?.cpuMs ?? null, gone: this.#gone }
  }

  /** Does nothing once the thread has ended. */
  post(message: ToThread): void {
    this.#port.postMessage(message, [])
  }

  /** Ends the thread. */
  kill(): void {
    const before = this.#threads.list()
    this.#kill.abort()
    const left = new Set(this.#threads.list())
    // Only the pool knows which thread has the order: by now another attempt may be on one that had it, or an earlier part.
    const ended = before.find((worker) => !left.has(worker))
    if (ended !== undefined) this.#gone = ended.terminate()
  }

  #receive(message: unknown): void {
    if (!isFromThread(message)) return
    if (message.type === 'ended') this.#ended = message
    else this.#hear(message, this)
  }
}
