import type { MessagePort } from 'node:worker_threads'

/** What a thread is told to write a snapshot of its heap. It may come to it when nobody waits for that any more. */
export interface HeapOrder {
  readonly millraceHeapOrder: {
    /** The file, which is there. */
    readonly path: string
    /** Holds one word, see `decideHeapOrder`: who changes it first has decided. */
    readonly state: SharedArrayBuffer
    /** Takes `HeapOrderNotice`s. */
    readonly port: MessagePort
  }
}

const heapOrderState = { asked: 0, begun: 1, withdrawn: 2 } as const

/** Thread to main thread. After `written` and `failed` nothing comes any more. */
export type HeapOrderNotice =
  | { readonly type: 'begun' }
  | { readonly type: 'written' }
  | { readonly type: 'failed'; readonly message: string }

const types: ReadonlySet<unknown> = new Set(['begun', 'written', 'failed'] satisfies HeapOrderNotice['type'][])

/** `null` for what is no notice: code of a task could get hold of the port. */
export function readHeapNotice(message: unknown): HeapOrderNotice | null {
  if (typeof message !== 'object' || message === null || !('type' in message) || !types.has(message.type)) return null
  // Of these the type is all there is.
  if (message.type !== 'failed') return message as HeapOrderNotice
  return { type: 'failed', message: 'message' in message ? String(message.message) : '' }
}

/** Changes the state from `asked`; answers whether it was that. */
export function decideHeapOrder(state: SharedArrayBuffer, to: 'begun' | 'withdrawn'): boolean {
  const { asked } = heapOrderState
  return Atomics.compareExchange(new Int32Array(state), 0, asked, heapOrderState[to]) === asked
}
