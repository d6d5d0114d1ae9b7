import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
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
  opened.defer(() => end(child))
  const facts = await next<ServerFacts>(child, name)
  const resources = opened.move()
  return {
    facts,
    memory(order) {
      child.send(order)
      return next<ServerMemory>(child, name)
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

export function openLoadProcess(name: VariantName, stopped: AbortSignal): LoadProcess {
  const child = fork(new URL('load.ts', import.meta.url))
  // What was asked of it is not waited for then.
  const kill = () => child.kill('SIGKILL')
  if (stopped.aborted) kill()
  stopped.addEventListener('abort', kill, { once: true })
  return {
    async ask<Kind extends LoadOrder['kind']>(order: Extract<LoadOrder, { readonly kind: Kind }>) {
      child.send(order)
      const answer = await next<{ readonly value?: unknown; readonly error?: string }>(child, name)
      if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}`)
      return answer.value as Answers[Kind] // what the process answers such an order with
    },
    async [Symbol.asyncDispose]() {
      stopped.removeEventListener('abort', kill)
      await end(child)
    },
  }
}

/** Its next message. Throws when it ends without one. */
async function next<Message>(child: ChildProcess, name: string): Promise<Message> {
  const listening = new AbortController()
  const { signal } = listening
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`A process of ${name} has ended.`)
  })
  try {
    const messages: readonly unknown[] = await Promise.race([once(child, 'message', { signal }), ended])
    return messages[0] as Message // what such a process sends
  } finally {
    ended.catch(() => undefined)
    listening.abort()
  }
}

/** The longest that a process may take to end in order, in ms. */
const farewellMs = 3000

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const deadline = setTimeout(() => child.kill('SIGKILL'), farewellMs)
  await exited
  clearTimeout(deadline)
}
