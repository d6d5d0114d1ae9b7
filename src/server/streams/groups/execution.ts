import { randomUUID } from 'node:crypto'
import { type ExecutionResult, executeSubscriptionEvent, type ValidatedSubscriptionArgs } from 'graphql'
import type { Principal } from '../../../core/principal.ts'
import type { EventBody } from '../../../ports/event-log.ts'
import type { RequestContext, Services } from '../../../resolvers/context.ts'
import { createReadBudget } from '../../../services/jobs/read-budget.ts'
import type { MaskError } from '../../graphql/mask-error.ts'

/** What the execution of an event gave. */
export interface Answer {
  /** The result as JSON, an object without `extensions`. */
  readonly text: string
  /** Whether something in it failed, which may not fail another time. */
  readonly failed: boolean
}

/** Executes an event's body for all of a group. Never throws and never rejects: what fails is an error in the answer. */
export type ExecuteEvent = (body: EventBody) => Answer | Promise<Answer>

/** A subscription without anything of the request that it came with. */
export type SharedOperation = Omit<ValidatedSubscriptionArgs, 'contextValue' | 'rootValue'>

/** What of a validated subscription the execution of its events needs; variables that it does not declare are not kept. */
export function sharedOperation(validated: ValidatedSubscriptionArgs): SharedOperation {
  const { contextValue: _context, rootValue: _root, ...operation } = validated
  return { ...operation, rawVariableValues: null, externalAbortSignal: undefined }
}

export interface ExecutionOptions {
  readonly operation: SharedOperation
  readonly viewer: Principal
  readonly services: Services
  readonly publicUrl: string
  readonly maskError: MaskError
}

/** Executes events for a viewer, with a context that holds nothing of any one of those who asked. */
export function createExecution({ operation, viewer, services, publicUrl, maskError }: ExecutionOptions): ExecuteEvent {
  // Of its own: it outlives the request that came first.
  const requestId = randomUUID()
  const shared = {
    principal: viewer,
    services,
    requestId,
    publicUrl,
    client: { ip: null, userAgent: null, device: null, requestId: null },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
    resume: null,
  } satisfies Omit<RequestContext, 'readBudget'>

  function toAnswer({ data, errors }: ExecutionResult): Answer {
    if (errors === undefined) return { text: JSON.stringify({ data }), failed: false }
    const masked = errors.map((error) => maskError(error, requestId))
    return { text: JSON.stringify({ errors: masked, data }), failed: true }
  }

  function toFault(error: unknown): Answer {
    return { text: JSON.stringify({ errors: [maskError(error, requestId)] }), failed: true }
  }

  return (body) => {
    try {
      const contextValue: RequestContext = { ...shared, readBudget: createReadBudget() }
      const result = executeSubscriptionEvent({ ...operation, contextValue, rootValue: body })
      return result instanceof Promise ? result.then(toAnswer).catch(toFault) : toAnswer(result)
    } catch (error) {
      return toFault(error)
    }
  }
}
