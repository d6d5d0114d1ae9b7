import type { Principal } from '../../core/principal.ts'
import { operationFromBody } from '../graphql/operation-params.ts'
import type { ReadOperation } from '../graphql/run-operation.ts'
import type { Observation, OperationOutcome } from '../operation.ts'
import type { DoorFacts } from '../request-context.ts'
import type { TransportOptions } from './handlers.ts'
import { readResume } from './params.ts'
import { readConnectionCredentials } from './ws-credentials.ts'
import type { Link } from './ws-link.ts'

/** Who is at the other end of a socket. */
export interface Connection {
  readonly link: Link
  /** Of the upgrade, and from `connection_init` on with its credentials. */
  facts: DoorFacts
  /** Takes leave of somebody whose credential is not taken, or not any more. */
  dismiss(error: unknown): void
}

/** Takes the payload of `connection_init` and says who that is; `null` when the socket was closed instead. */
export async function introduce(
  { openContext }: TransportOptions,
  connection: Connection,
  params: Readonly<Record<string, unknown>> | undefined,
): Promise<Principal | null> {
  try {
    const credentials = readConnectionCredentials(params) ?? connection.facts.credentials
    connection.facts = { ...connection.facts, credentials }
    const { principal } = await openContext({ ...connection.facts, resume: null })
    return principal
  } catch (error) {
    connection.dismiss(error)
    return null
  }
}

/** Runs an operation. `null` when the socket was closed instead. Throws the refusal of what is no operation. */
export async function runOnSocket(
  { engine, openContext, observe }: TransportOptions,
  connection: Connection,
  requestId: string,
  payload: unknown,
): Promise<OperationOutcome | null> {
  const trace = observe?.('websocket', requestId)
  const { params, resume } = readOperation(payload, trace)
  let context
  try {
    // Asked again for each operation: a session that was signed out meanwhile opens nothing any more.
    context = await openContext({ ...connection.facts, requestId, resume, trace })
  } catch (error) {
    trace?.refused(error)
    connection.dismiss(error)
    return null
  }
  return engine.run(params, context)
}

function readOperation(payload: unknown, trace: Observation | undefined): ReadOperation {
  try {
    const params = operationFromBody(payload)
    return { params, resume: readResume(params) }
  } catch (error) {
    trace?.refused(error)
    throw error
  }
}
