import { type Frame, type Operation, OperationError, type Transport } from './frame.ts'
import { poll } from './poll.ts'
import { sse } from './sse.ts'
import { ws } from './ws.ts'

/** The transports by name, the best one first. */
export const transports = { ws, sse, poll } as const satisfies Record<string, Transport>

export type TransportName = keyof typeof transports

export interface SubscribeOptions {
  /** The address of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  readonly operation: Operation
  /** Use this transport only; by default each is tried in the order `ws`, `sse`, `poll`, and the first that works is kept. */
  readonly transport?: TransportName | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** A cursor to go on from; `null` begins anew. */
  readonly after?: string | null
  readonly signal?: AbortSignal
  /** Hears which transport is tried, and why the one before was given up. */
  readonly onConnect?: (transport: TransportName, failure: unknown) => void
}

/** After so many failures in a row without a frame, the last failure is thrown. */
const maxFailures = 8

/**
 * The frames of a subscription, each once and in order, over lost connections and over a change of transport: the last
 * cursor says where to go on. Ends when the operation is complete. Throws an `OperationError` when the server refuses.
 */
export async function* subscribe(options: SubscribeOptions): AsyncGenerator<Frame, void> {
  // The names are the keys of the table above.
  const names = options.transport === undefined ? (Object.keys(transports) as TransportName[]) : [options.transport]
  const signal = options.signal ?? new AbortController().signal
  let after = options.after ?? null
  let current = 0
  let proven = false
  let failure: unknown = null
  for (let failures = 0; failures < maxFailures; failures += 1) {
    const name = names[current % names.length] ?? 'poll'
    options.onConnect?.(name, failure)
    try {
      const open = { url: options.url, operation: options.operation, headers: options.headers ?? {}, after, signal }
      for await (const frame of transports[name](open)) {
        after = frame.extensions?.resume?.cursor ?? after
        proven = true
        failures = 0
        yield frame
      }
      return
    } catch (error) {
      if (error instanceof OperationError || signal.aborted) throw error
      failure = error
      if (!proven || failures >= 2) current += 1
      await pause(failures, signal)
    }
  }
  throw failure
}

/** Waits longer after each failure, at random, so that many clients do not come back together. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.random() * Math.min(10_000, 250 * 2 ** failures)
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
