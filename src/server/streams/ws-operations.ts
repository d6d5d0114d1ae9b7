import { CloseCode } from 'graphql-ws'
import { Refusal } from '../../core/errors.ts'
import type { TransportOptions } from './handlers.ts'
import { closeCodeFor, closeCodes } from './ws-close-codes.ts'
import type { Connection } from './ws-connection.ts'
import { SocketOperation } from './ws-operation.ts'

export interface OperationsOptions extends TransportOptions {
  /** How many operations a socket may have open at once. */
  readonly maxOperations: number
}

/** The operations of one socket. */
export interface Operations {
  /** Runs an operation and sends what comes of it. Closes the socket (4409) when the id stands for another one. */
  begin(id: string, payload: unknown): void
  /** Ends an operation at its client's wish: nothing more is sent, and its id is free. */
  complete(id: string): void
  /**
   * Begins nothing more, ends all streams without a word, and closes the socket of somebody whose credential has ended as
   * soon as the queries and mutations that had begun before are answered: signing out is one of them.
   */
  dismiss(error: unknown): void
  /** Ends all of them. */
  end(): void
}

/** The longest that a socket without a valid credential stays open for these answers, in ms. */
const farewellMs = 250

export function createOperations(options: OperationsOptions, connection: Connection): Operations {
  const { link, facts } = connection
  /** What the client speaks of: an id is free again as soon as its client has completed it. */
  const byId = new Map<string, SocketOperation>()
  /** What costs us something: an operation counts until nothing of it runs any more, whether its client waits or not. */
  const running = new Set<SocketOperation>()
  let begun = 0
  /** Closes the socket; `null` as long as its credential is good. */
  let takeLeave: (() => void) | null = null
  let farewell: NodeJS.Timeout | undefined

  function leaveUnlessAnswering(): void {
    if (takeLeave !== null && [...running].every((operation) => operation.isStream)) takeLeave()
  }

  function run(operation: SocketOperation, payload: unknown): Promise<unknown> {
    if (running.size >= options.maxOperations) return operation.refuse(tooManyOperations(options.maxOperations))
    byId.set(operation.id, operation)
    running.add(operation)
    return operation.answer(payload).finally(() => {
      running.delete(operation)
      leaveUnlessAnswering()
    })
  }

  function fail(requestId: string, error: unknown): void {
    options.logger.error({ requestId, error: String(error) }, 'An operation on a socket could not be answered.')
    link.close(closeCodes.tryAgain, 'Something failed on our side.')
  }

  return {
    begin(id, payload) {
      if (takeLeave !== null) return
      if (byId.has(id)) return link.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`)
      begun += 1
      const requestId = `${connection.facts.requestId}.${begun}`
      const operation = new SocketOperation({ id, requestId }, options, connection, () => byId.delete(id))
      run(operation, payload).catch((error: unknown) => fail(requestId, error))
    },
    complete(id) {
      byId.get(id)?.stop()
    },
    dismiss(error) {
      if (takeLeave !== null) return
      const reason = options.maskError(error, facts.requestId).message
      takeLeave = () => link.close(closeCodeFor(error), reason)
      farewell = setTimeout(takeLeave, farewellMs)
      for (const operation of running) operation.endStream()
      leaveUnlessAnswering()
    },
    end() {
      clearTimeout(farewell)
      for (const operation of running) operation.stop()
    },
  }
}

/** The refusal of one operation more than a socket may have open. */
function tooManyOperations(limit: number): Refusal {
  const sentence = `A socket may have ${limit} operations open at once; complete one first.`
  return new Refusal('TOO_MANY_OPERATIONS', sentence, { limit })
}
