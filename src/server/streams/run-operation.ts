import { Refusal } from '../../core/errors.ts'
import type { ResumeRequest } from '../../services/streams/stream.ts'
import type { OperationKind, OperationOutcome, OperationParams } from '../operation.ts'
import type { DoorFacts, TransportOptions } from './handlers.ts'
import { presentResult, statusOf } from './present-result.ts'

/** An operation with what its transport read of it. */
export interface ReadOperation {
  readonly params: OperationParams
  readonly resume: ResumeRequest | null
  readonly kinds?: readonly OperationKind[]
}

/** Finds out who asks and runs the operation. Never throws: a refusal becomes the outcome. */
export async function runOperation(
  { engine, openContext, maskError }: Pick<TransportOptions, 'engine' | 'openContext' | 'maskError'>,
  facts: DoorFacts,
  read: () => ReadOperation,
): Promise<OperationOutcome> {
  try {
    const { params, resume, kinds } = read()
    const context = await openContext({ ...facts, resume })
    return await engine.run(params, context, kinds === undefined ? {} : { kinds })
  } catch (error) {
    const result = presentResult({ errors: [maskError(error, facts.requestId)] })
    return { type: 'result', kind: null, result, status: statusOf(result) }
  }
}

/**
 * Whether a stream that failed in its middle tells its client why and ends. Otherwise it breaks off, so that the client
 * takes it for a broken connection and comes back with its cursor.
 */
export function isTold(error: unknown): error is Refusal {
  return error instanceof Refusal
}
