import { openAskedProcess } from '../asked-process.ts'
import type { Asked, QueryOrder } from './query-messages.ts'

/** Several processes that make requests, as one. */
export interface Generators extends AsyncDisposable {
  connect(port: number, connections: number): Promise<void>
  /** Has each connection ask again and again, as soon as it is answered, for so long. */
  ask(request: string, ms: number): Promise<readonly Asked[]>
  disconnect(): Promise<void>
}

/** Starts so many, which an interrupt ends at once. */
export function openGenerators(count: number, stopped: AbortSignal): Generators {
  const opened = new AsyncDisposableStack()
  const file = new URL('query-generator.ts', import.meta.url)
  const all = Array.from({ length: count }, () => opened.use(openAskedProcess(file, 'the requests', stopped)))
  const askAll = (order: QueryOrder) => Promise.all(all.map((generator) => generator.ask(order)))
  return {
    async connect(port, connections) {
      await askAll({ kind: 'connect', port, connections: Math.ceil(connections / count) })
    },
    async ask(request, ms) {
      return (await askAll({ kind: 'ask', request, ms })) as readonly Asked[] // what it is answered with
    },
    async disconnect() {
      await askAll({ kind: 'disconnect' })
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
