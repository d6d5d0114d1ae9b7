import { type FormattedExecutionResult, GraphQLSchema, parse } from 'graphql'
import { makeServer, type Server } from 'graphql-ws'
import type { OperationOutcome } from '../operation.ts'
import type { TransportOptions } from './handlers.ts'
import { type Connection, introduce, runOnSocket, socketPayloads, tooManyOperations } from './ws-operations.ts'

export interface ProtocolOptions extends TransportOptions {
  /** How long a client may take to send `connection_init`, in ms. */
  readonly initWaitMs: number
  /** How many operations a socket may have open at once. */
  readonly maxOperations: number
}

/** The library looks up the kind of operation in a document; the engine knows the real one. */
const anyDocument = parse('subscription { anything }')
const anySchema = new GraphQLSchema({})

/** What `onSubscribe` hands over to `subscribe` as the context. */
interface Run {
  readonly outcome: OperationOutcome | null
  readonly connection: Connection
}

/** graphql-transport-ws, with the engine in place of the library's own execution. */
export function createProtocol(options: ProtocolOptions): Server<Connection> {
  const { maskError, maxOperations } = options
  return makeServer<Readonly<Record<string, unknown>>, Connection>({
    connectionInitWaitTimeout: options.initWaitMs,
    onConnect: ({ extra, connectionParams }) => introduce(options, extra, connectionParams),
    async onSubscribe({ extra: connection, subscriptions }, _id, payload) {
      try {
        if (Object.keys(subscriptions).length > maxOperations) throw tooManyOperations(maxOperations)
        const outcome = await runOnSocket(options, connection, payload)
        if (outcome?.type === 'result' && !outcome.begun) return outcome.result.errors ?? []
        return { document: anyDocument, schema: anySchema, contextValue: { outcome, connection } satisfies Run }
      } catch (error) {
        return [maskError(error, connection.facts.requestId)]
      }
    },
    subscribe({ contextValue }) {
      const { outcome, connection } = contextValue as Run // put there by `onSubscribe` above
      if (outcome === null) return {}
      return outcome.type === 'stream' ? socketPayloads(outcome.stream, connection, maskError) : outcome.result
    },
    // Errors are written by `JSON.stringify` through their `toJSON`.
    onNext: (...[, , , , result]) => result as FormattedExecutionResult,
  })
}
