import { CloseCode } from 'graphql-ws'
import { Refusal } from '../../core/errors.ts'
import type { TransportOptions } from './handlers.ts'
import { closeCodeFor, closeCodes } from './ws-close-codes.ts'
import type { Connection } from './ws-connection.ts'
import { type OperationOwner, SocketOperation } from './ws-operation.ts'

export interface OperationsOptions extends TransportOptions {
  /** How many operations a socket may have open at once. */
  readonly maxOperations: number
}

/** The longest that a socket without a valid credential stays open for the answers that are under way, in ms. */
const farewellMs = 250

/** The operations of one socket. */
export class Operations implements OperationOwner {
  readonly options: OperationsOptions
  readonly connection: Connection
  /** What the client speaks of: an id is free again as soon as its client has completed it. */
  readonly #byId = new Map<string, SocketOperation>()
  /** What costs us something: an operation counts until nothing of it runs any more, whether its client waits or not. */
  #running = 0
  #streams = 0
  #begun = 0
  /** Closes the socket; `null` as long as its credential is good. */
  #takeLeave: (() => void) | null = null
  #farewell: NodeJS.Timeout | undefined

  constructor(options: OperationsOptions, connection: Connection) {
    this.options = options
    this.connection = connection
  }

  /** Runs an operation and sends what comes of it. Closes the socket (4409) when the id stands for another one. */
  begin(id: string, payload: unknown): void {
    const { link, facts } = this.connection
    if (this.#takeLeave !== null) return
    if (this.#byId.has(id)) return link.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`)
    this.#begun += 1
    const requestId = `${facts.requestId}.${this.#begun}`
    const operation = new SocketOperation(id, requestId, this)
    if (this.#running >= this.options.maxOperations) return operation.refuse(tooMany(this.options.maxOperations))
    this.#byId.set(id, operation)
    this.#running += 1
    operation.answer(payload).catch((error: unknown) => this.#fail(requestId, error))
  }

  /** Ends an operation at its client's wish: nothing more is sent, and its id is free. */
  complete(id: string): void {
    const operation = this.#byId.get(id)
    if (operation === undefined) return
    // What it has sent goes out before anything that may follow under the id.
    this.connection.link.flush()
    operation.stop()
  }

  /**
   * Begins nothing more, ends all streams without a word, and closes the socket of somebody whose credential has ended as
   * soon as the queries and mutations that had begun before are answered: signing out is one of them.
   */
  dismiss(error: unknown): void {
    if (this.#takeLeave !== null) return
    const { link, facts } = this.connection
    const reason = this.options.maskError(error, facts.requestId).message
    this.#takeLeave = () => link.close(closeCodeFor(error), reason)
    this.#farewell = setTimeout(this.#takeLeave, farewellMs)
    for (const operation of this.#byId.values()) operation.endStream()
    this.#leaveUnlessAnswering()
  }

  /** Ends all of them. */
  end(): void {
    clearTimeout(this.#farewell)
    for (const operation of this.#byId.values()) operation.stop()
  }

  left(operation: SocketOperation): void {
    if (this.#byId.get(operation.id) === operation) this.#byId.delete(operation.id)
  }

  streams(): void {
    this.#streams += 1
  }

  ended(operation: SocketOperation): void {
    this.#running -= 1
    if (operation.isStream) this.#streams -= 1
    this.#leaveUnlessAnswering()
  }

  #leaveUnlessAnswering(): void {
    if (this.#takeLeave !== null && this.#running === this.#streams) this.#takeLeave()
  }

  #fail(requestId: string, error: unknown): void {
    this.options.logger.error({ requestId, error: String(error) }, 'An operation on a socket could not be answered.')
    this.connection.link.close(closeCodes.tryAgain, 'Something failed on our side.')
  }
}

/** The refusal of one operation more than a socket may have open. */
function tooMany(limit: number): Refusal {
  const sentence = `A socket may have ${limit} operations open at once; complete one first.`
  return new Refusal('TOO_MANY_OPERATIONS', sentence, { limit })
}
