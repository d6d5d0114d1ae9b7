import type { Frame, FrameSink, FrameStream, OperationOutcome } from '../operation.ts'
import type { TransportOptions } from './handlers.ts'
import { isOfCredential, isTold } from './how-streams-end.ts'
import { closeCodes } from './ws-close-codes.ts'
import { type Connection, runOnSocket } from './ws-connection.ts'
import { answerPrefix, sharedTail } from './ws-frame.ts'
import type { LinkWaiter } from './ws-link.ts'

/** Whose operation it is. */
export interface OperationOwner {
  readonly options: TransportOptions
  readonly connection: Connection
  /** Nothing will be sent for it any more, or only the last is left to send. Called once. */
  left(operation: SocketOperation): void
  /** It has become a stream. */
  streams(): void
  /** Nothing of it runs any more, and its answer does not wait in front of a full socket. Called once. */
  ended(operation: SocketOperation): void
}

/** One operation of a client on a socket. */
export class SocketOperation implements FrameSink, LinkWaiter {
  /** The client's. */
  readonly id: string
  readonly #requestId: string
  readonly #owner: OperationOwner
  /** `null` while it is not open yet, and for what is no subscription. */
  #stream: FrameStream | null = null
  /** What stands before each answer of the stream. */
  #prefix = ''
  #mayStream = true
  #isOver = false
  #hasEnded = false

  constructor(id: string, requestId: string, owner: OperationOwner) {
    this.id = id
    this.#requestId = requestId
    this.#owner = owner
  }

  /** Whether it is a stream. What only begins to run may become one. */
  get isStream(): boolean {
    return this.#stream !== null
  }

  /** Runs it and sends what comes of it. Resolves when that has been sent, or is a stream. */
  async answer(payload: unknown): Promise<void> {
    const { options, connection } = this.#owner
    try {
      const outcome = await runOnSocket(options, connection, this.#requestId, payload)
      if (outcome?.type === 'stream') return this.#follow(outcome.stream)
      if (outcome !== null) this.#tell(outcome)
    } catch (error) {
      this.refuse(error)
    }
    if (connection.link.isWritable) this.#end()
    else connection.link.whenWritable(this)
  }

  /** Answers it with an error. */
  refuse(error: unknown): void {
    this.#conclude('error', [this.#mask(error)])
  }

  /** Ends it at its client's wish: nothing more is sent. What only begins to run ends as soon as it can. */
  stop(): void {
    this.#leave()
    if (this.#stream === null) return
    this.#stream.end()
    this.#end()
  }

  /** Ends it without a word if it is a stream, or as soon as it becomes one; any other answer is still sent. */
  endStream(): void {
    this.#mayStream = false
    if (this.isStream) this.stop()
  }

  get isWritable(): boolean {
    const { link } = this.#owner.connection
    if (link.isWritable) return true
    // The stream stands still from here on.
    link.whenWritable(this)
    return false
  }

  send(frame: Frame): void {
    if (this.#isOver) return
    const tail = frame.encoded(sharedTail)
    this.#owner.connection.link.gather(tail.headerFor(this.#prefix.length) + this.#prefix + tail.bytes)
  }

  ended(reason: unknown): void {
    const { connection } = this.#owner
    if (this.#isOver) return
    // Neither a credential that ended nor a failure of ours is told with `complete`, which its client would take for the
    // end of what it watches.
    if (reason === null) this.#conclude('complete')
    else if (isOfCredential(reason)) connection.dismiss(reason)
    else if (!isTold(reason)) connection.link.close(closeCodes.tryAgain, this.#mask(reason).message)
    else {
      this.#send('next', { errors: [this.#mask(reason)] })
      this.#conclude('complete')
    }
    this.#leave()
    this.#end()
  }

  resume(): void {
    if (this.#stream === null) this.#end()
    else if (!this.#isOver) this.#stream.resume()
  }

  #follow(stream: FrameStream): void {
    this.#stream = stream
    this.#owner.streams()
    if (this.#isOver || !this.#mayStream) return this.stop()
    this.#prefix = answerPrefix(this.id)
    stream.begin(this)
  }

  #tell({ result, begun }: Extract<OperationOutcome, { type: 'result' }>): void {
    if (this.#isOver) return
    if (!begun) return this.#conclude('error', result.errors)
    this.#send('next', result)
    this.#conclude('complete')
  }

  #conclude(type: 'error' | 'complete', payload?: unknown): void {
    if (this.#isOver) return
    // Before it is sent, since who has read this may use the id again.
    this.#leave()
    this.#send(type, payload)
  }

  #send(type: string, payload: unknown): void {
    this.#owner.connection.link.send(JSON.stringify({ id: this.id, type, payload }))
  }

  #mask(error: unknown): ReturnType<TransportOptions['maskError']> {
    return this.#owner.options.maskError(error, this.#requestId)
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.left(this)
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#owner.connection.link.forget(this)
    this.#owner.ended(this)
  }
}
