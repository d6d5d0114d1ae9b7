import type { ExecutionResult } from 'graphql'
import type { WebSocket } from 'ws'
import { Refusal } from '../../core/errors.ts'
import { operationFromBody } from '../graphql/operation-params.ts'
import type { OperationOutcome, ResponseStream } from '../operation.ts'
import type { DoorFacts } from '../request-context.ts'
import type { TransportOptions } from './handlers.ts'
import { readResume } from './params.ts'
import { isTold } from './is-told.ts'
import { closeCodeFor, closeCodes } from './ws-close-codes.ts'
import { readConnectionCredentials } from './ws-credentials.ts'
import { closeSocket } from './ws-socket.ts'

/** What belongs to one socket. */
export interface Connection {
  readonly socket: WebSocket
  /** Of the upgrade, and from `connection_init` on with its credentials. */
  facts: DoorFacts
  /** How many operations were begun. */
  begun: number
}

/** Takes the payload of `connection_init`. A credential that is refused closes the socket. */
export async function introduce(
  { openContext, maskError }: TransportOptions,
  connection: Connection,
  params: Readonly<Record<string, unknown>> | undefined,
): Promise<boolean> {
  try {
    const credentials = readConnectionCredentials(params) ?? connection.facts.credentials
    connection.facts = { ...connection.facts, credentials }
    await openContext({ ...connection.facts, resume: null })
    return true
  } catch (error) {
    dismiss(connection, error, maskError)
    return false
  }
}

/** Runs an operation. `null` when the socket was closed instead. Throws the refusal of what is no operation. */
export async function runOnSocket(
  { engine, openContext, maskError }: TransportOptions,
  connection: Connection,
  payload: unknown,
): Promise<OperationOutcome | null> {
  connection.begun += 1
  const requestId = `${connection.facts.requestId}.${connection.begun}`
  const params = operationFromBody(payload)
  const resume = readResume(params)
  let context
  try {
    // Asked again for each operation: a session that was signed out meanwhile opens nothing any more.
    context = await openContext({ ...connection.facts, requestId, resume })
  } catch (error) {
    dismiss(connection, error, maskError)
    return null
  }
  return engine.run(params, context)
}

/** Closes the socket of somebody who may not use it any more. */
function dismiss({ socket, facts }: Connection, error: unknown, maskError: TransportOptions['maskError']): void {
  closeSocket(socket, closeCodeFor(error), maskError(error, facts.requestId).message)
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** What the client gets as `next`. Never rejects, since the library would tell the client whatever was thrown. */
export function socketPayloads(
  stream: ResponseStream,
  { socket, facts }: Connection,
  maskError: TransportOptions['maskError'],
): AsyncIterableIterator<ExecutionResult, undefined> {
  let failed = false

  async function fail(error: unknown): Promise<IteratorResult<ExecutionResult, undefined>> {
    failed = true
    await stream.return()
    const masked = maskError(error, facts.requestId)
    if (isTold(error)) return { done: false, value: { errors: [masked] } }
    closeSocket(socket, closeCodes.tryAgain, masked.message)
    return done
  }

  return {
    async next() {
      if (failed) return done
      try {
        const result = await stream.next()
        return result.done === true ? done : { done: false, value: result.value.payload }
      } catch (error) {
        return fail(error)
      }
    },
    async return() {
      await stream.return()
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The refusal of one operation more than a socket may have open. */
export function tooManyOperations(limit: number): Refusal {
  const sentence = `A socket may have ${limit} operations open at once; complete one first.`
  return new Refusal('TOO_MANY_OPERATIONS', sentence, { limit })
}
