import type { IncomingMessage } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { Refusal } from '../../core/errors.ts'
import type { OpenUpload } from '../../services/jobs/artifact-intake.ts'
import type { Artifacts } from '../../services/jobs/artifacts.ts'
import type { Engine, ObservedContext } from '../operation.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import { assertMayChangeThings, type ReadMaintenance } from '../gate/maintenance.ts'
import type { OpenContext } from '../request-context.ts'
import type { Exchange } from './exchange.ts'
import { graphqlAnswer, type ResultMediaType } from '../graphql/graphql-answer.ts'
import type { Observe } from '../graphql/observe.ts'
import { operationFromBody } from '../graphql/operation-params.ts'
import { askForBody } from './read-body.ts'
import { send } from './send.ts'
import { leastFileBytes, receiveUploadForm, type UploadForm, type UploadFormLimits } from './upload-form.ts'

export interface UploadOptions {
  readonly engine: Engine
  readonly artifacts: Pick<Artifacts, 'openUpload'>
  readonly openContext: OpenContext
  readonly maintenance: ReadMaintenance
  readonly limits: UploadFormLimits
  readonly observe?: Observe | undefined
}

/**
 * Answers a multipart request: asks who it is and whether the files can fit before it reads, streams the files away as they come, then runs the operation
 * with the received files in its variables, for who it is by then. It stops when the credential ends meanwhile. Files that
 * the operation did not take are gone when it is answered.
 */
export function createUploadDoor(options: UploadOptions) {
  const { engine, artifacts, openContext, maintenance, limits, observe } = options

  async function run({ request, response, facts }: Exchange): Promise<ExecutionResult> {
    const context = await openContext({ ...facts, resume: null })
    // Before a byte of the files is read: the gate looks again when the operation is known.
    assertMayChangeThings(context.principal, maintenance())
    await using received = new AsyncDisposableStack()
    const upload = received.use(await artifacts.openUpload(context.principal, leastFileBytes(request, limits)))
    askForBody(request, response)
    const form = await receive(request, upload, context)
    received.use(form)
    const params = operationFromBody(form.operations)
    // From here on: a client that takes its time to send is no operation that takes too long.
    const trace = observe?.('upload', facts.requestId)
    const outcome = await engine.run(params, { ...(await askedAgain(context, facts)), trace })
    if (outcome.type === 'result') {
      // What was given up may still make use of the files.
      if (outcome.left !== undefined) void disposeAfter(outcome.left, received.move())
      return outcome.result
    }
    outcome.stream.end()
    throw new Refusal('BAD_REQUEST', 'A subscription takes no files.')
  }

  async function receive(request: IncomingMessage, upload: OpenUpload, context: RequestContext): Promise<UploadForm> {
    using ended = endOf(context)
    return await receiveUploadForm(request, upload, limits, ended.signal)
  }

  /** Whoever sent the first byte may be somebody else by the last. A request counts against the budget of a key once. */
  function askedAgain(context: ObservedContext, facts: Exchange['facts']): Promise<ObservedContext> | ObservedContext {
    const isKey = context.principal.kind === 'apiKey'
    return isKey ? context : openContext({ ...facts, resume: null })
  }

  return async (exchange: Exchange, mediaType: ResultMediaType): Promise<void> => {
    const result = await run(exchange)
    send(exchange.response, graphqlAnswer(result, mediaType))
  }
}

/** Aborts, with the reason, when the credential of a request ends before it is disposed of. */
function endOf({ principal, services }: RequestContext): Disposable & { readonly signal: AbortSignal } {
  const ended = new AbortController()
  const stop = services.accounts.watch(principal, (why) => ended.abort(why))
  return { signal: ended.signal, [Symbol.dispose]: stop }
}

async function disposeAfter(left: Promise<unknown>, received: AsyncDisposableStack): Promise<void> {
  await left
  await received.disposeAsync()
}
