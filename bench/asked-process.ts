import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of a benchmark that does what it is told, one thing after another: see `answerOrders`. */
export interface AskedProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Throws with its sentence when it cannot do that, and when it ends. */
  ask(order: object): Promise<unknown>
}

/**
 * Starts one, which an interrupt ends at once; errors are under that name. What it writes to its standard error output is shown
 * unless it is to be ignored.
 */
export function openAskedProcess(
  file: URL,
  name: string,
  stopped: AbortSignal,
  { stderr = 'inherit' }: { readonly stderr?: 'inherit' | 'ignore' } = {},
): AskedProcess {
  const child = fork(file, { stdio: ['inherit', 'inherit', stderr, 'ipc'] })
  // What was asked of it is not waited for then.
  const kill = () => child.kill('SIGKILL')
  if (stopped.aborted) kill()
  stopped.addEventListener('abort', kill, { once: true })
  return {
    child,
    async ask(order) {
      child.send(order)
      const answer = await nextMessage<{ readonly value?: unknown; readonly error?: string }>(child, name)
      if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}`)
      return answer.value
    },
    async [Symbol.asyncDispose]() {
      stopped.removeEventListener('abort', kill)
      await endProcess(child)
    },
  }
}

/** Its next message. Throws when it ends without one. */
export async function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
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

/** Lets a process go that ends with the one that started it; resolves when it is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const deadline = setTimeout(() => child.kill('SIGKILL'), farewellMs)
  await exited
  clearTimeout(deadline)
}
