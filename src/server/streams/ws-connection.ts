import { operationFromBody } from '../graphql/operation-params.ts'
import type { OperationOutcome } from '../operation.ts'
import type { DoorFacts } from '../request-context.ts'
import type { TransportOptions } from './handlers.ts'
import { readResume } from './params.ts'
import { closeCodeFor } from './ws-close-codes.ts'
import { readConnectionCredentials } from './ws-credentials.ts'
import type { Link } from './ws-link.ts'

/** Who is at the other end of a socket. */
export interface Connection {
  readonly link: Link
  /** Of the upgrade, and from `connection_init` on with its credentials. */
  facts: DoorFacts
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
  requestId: string,
  payload: unknown,
): Promise<OperationOutcome | null> {
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
function dismiss({ link, facts }: Connection, error: unknown, maskError: TransportOptions['maskError']): void {
  link.close(closeCodeFor(error), maskError(error, facts.requestId).message)
}
