import { fork } from 'node:child_process'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { endProcess, nextMessage, openAskedProcess } from '../asked-process.ts'
import type { LoadOrder, Pace, ServerFacts, ServerMemory, ServerOrder, Span, Storm } from './messages.ts'
import type { VariantName } from './variants.ts'

/** A system that runs in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly facts: ServerFacts
  memory(order: ServerOrder): Promise<ServerMemory>
}

export async function openServerProcess(name: VariantName): Promise<ServerProcess> {
  const env = { ...process.env, NODE_ENV: 'production' }
  await using opened = new AsyncDisposableStack()
  // Removed by this process, in case the other has to be killed.
  const folder = opened.use(await makeTestFolder())
  const child = fork(new URL('server.ts', import.meta.url), [name, folder.path], {
    execArgv: ['--expose-gc', '--disable-warning=MaxListenersExceededWarning'],
    env,
  })
  opened.defer(() => endProcess(child))
  const facts = await nextMessage<ServerFacts>(child, name)
  const resources = opened.move()
  return {
    facts,
    memory(order) {
      child.send(order)
      return nextMessage<ServerMemory>(child, name)
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** What an order is answered with. */
interface Answers {
  readonly connect: null
  readonly measure: Span
  readonly held: Span
  readonly pace: Pace
  readonly storm: Storm
  readonly answers: Span
  readonly disconnect: null
}

/** Clients of one system, in a process of their own, which an interrupt ends at once. */
export interface LoadProcess extends AsyncDisposable {
  /** Throws when the clients do not get what they are there for. */
  ask<Kind extends LoadOrder['kind']>(order: Extract<LoadOrder, { readonly kind: Kind }>): Promise<Answers[Kind]>
}

export function openLoadProcess(name: string, stopped: AbortSignal): LoadProcess {
  const { ask, [Symbol.asyncDispose]: end } = openAskedProcess(new URL('load.ts', import.meta.url), name, stopped)
  return {
    async ask<Kind extends LoadOrder['kind']>(order: Extract<LoadOrder, { readonly kind: Kind }>) {
      return (await ask(order)) as Answers[Kind] // what the process answers such an order with
    },
    [Symbol.asyncDispose]: end,
  }
}
