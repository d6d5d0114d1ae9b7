import type { ResumeRequest } from '../../services/streams/stream.ts'
import type { Engine, Observation, OperationKind, OperationOutcome, OperationParams } from '../operation.ts'
import type { DoorFacts, OpenContext } from '../request-context.ts'
import type { MaskError } from './mask-error.ts'

/** An operation with what its transport read of it. */
export interface ReadOperation {
  readonly params: OperationParams
  readonly resume: ResumeRequest | null
  readonly kinds?: readonly OperationKind[]
}

export interface RunOptions {
  readonly engine: Engine
  readonly openContext: OpenContext
  readonly maskError: MaskError
}

/** Finds out who asks and runs the operation, which `trace` watches. Never throws: a refusal becomes the outcome. */
export async function runOperation(
  { engine, openContext, maskError }: RunOptions,
  facts: DoorFacts,
  read: () => ReadOperation,
  trace?: Observation,
): Promise<OperationOutcome> {
  try {
    const { params, resume, kinds } = read()
    const context = await openContext({ ...facts, resume, trace })
    return await engine.run(params, context, kinds === undefined ? {} : { kinds })
  } catch (error) {
    trace?.refused(error)
    return { type: 'result', result: { errors: [maskError(error, facts.requestId)] }, begun: false }
  }
}
