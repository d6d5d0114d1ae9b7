import type { ResponseStream } from '../operation.ts'
import type { TransportOptions } from './handlers.ts'
import { isTold } from './is-told.ts'
import { closeCodes, isOfCredential } from './ws-close-codes.ts'
import { type Connection, runOnSocket } from './ws-connection.ts'

export interface OperationNames {
  /** The client's. */
  readonly id: string
  readonly requestId: string
}

/** One operation of a client on a socket. */
export class SocketOperation {
  readonly id: string
  readonly #requestId: string
  readonly #options: TransportOptions
  readonly #connection: Connection
  readonly #onOver: () => void
  /** `null` while it is not open yet, and for what is no subscription. */
  #stream: ResponseStream | null = null
  #mayStream = true
  #isOver = false

  /** `onOver` is called once, when nothing will be sent any more or only the last is left to send. */
  constructor(
    { id, requestId }: OperationNames,
    options: TransportOptions,
    connection: Connection,
    onOver: () => void,
  ) {
    this.id = id
    this.#requestId = requestId
    this.#options = options
    this.#connection = connection
    this.#onOver = onOver
  }

  /** Whether it is a stream. What only begins to run may become one. */
  get isStream(): boolean {
    return this.#stream !== null
  }

  /** Runs it and sends what comes of it. Resolves when nothing of it runs any more and all of it was sent. */
  async answer(payload: unknown): Promise<void> {
    try {
      const outcome = await runOnSocket(this.#options, this.#connection, this.#requestId, payload)
      if (outcome === null) return
      if (outcome.type === 'stream') return await this.#pass(outcome.stream)
      if (!outcome.begun) return await this.#conclude('error', outcome.result.errors)
      await this.#next(outcome.result)
      await this.#conclude('complete')
    } catch (error) {
      await this.refuse(error)
    }
  }

  /** Answers it with an error. */
  async refuse(error: unknown): Promise<void> {
    await this.#conclude('error', [this.#options.maskError(error, this.#requestId)])
  }

  /** Ends it at its client's wish: nothing more is sent. What only begins to run ends as soon as it can. */
  stop(): void {
    this.#leave()
    this.#stream?.return().catch((error: unknown) => {
      const fields = { requestId: this.#requestId, error: String(error) }
      this.#options.logger.error(fields, 'A stream on a socket could not be ended.')
    })
  }

  /** Ends it without a word if it is a stream, or as soon as it becomes one; any other answer is still sent. */
  endStream(): void {
    this.#mayStream = false
    if (this.isStream) this.stop()
  }

  /** Passes a stream on to its end. */
  async #pass(stream: ResponseStream): Promise<void> {
    this.#stream = stream
    if (!this.#mayStream) this.stop()
    try {
      while (!this.#isOver) {
        const { done, value } = await stream.next()
        if (done === true) break
        await this.#next(value.payload)
      }
    } catch (error) {
      // No `complete`, which its client would take for the end of what it watches: the socket ends with the credential.
      if (isOfCredential(error)) return this.#connection.dismiss(error)
      const masked = this.#options.maskError(error, this.#requestId)
      if (!isTold(error)) return this.#connection.link.close(closeCodes.tryAgain, masked.message)
      await this.#next({ errors: [masked] })
    } finally {
      await stream.return()
    }
    await this.#conclude('complete')
  }

  async #next(payload: unknown): Promise<void> {
    if (!this.#isOver) await this.#send('next', payload)
  }

  async #conclude(type: 'error' | 'complete', payload?: unknown): Promise<void> {
    if (this.#isOver) return
    // Before it is sent, since who has read this may use the id again.
    this.#leave()
    await this.#send(type, payload)
  }

  #send(type: string, payload: unknown): Promise<void> {
    return this.#connection.link.send(JSON.stringify({ id: this.id, type, payload }))
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onOver()
  }
}
