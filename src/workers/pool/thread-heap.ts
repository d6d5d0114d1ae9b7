import { MessageChannel, postMessageToThread } from 'node:worker_threads'
import { ThreadHeapError } from '../../ports/compute-pool.ts'
import { decideHeapOrder, type HeapOrder, readHeapNotice } from '../heap-order.ts'
import type { Standstills } from './standstills.ts'

export interface HeapTimes {
  /** How long a thread may take to come to it, in ms: its task may compute. */
  readonly beginMs: number
  /** How long it may then take, in ms. */
  readonly writeMs: number
}

export const heapTimes: HeapTimes = { beginMs: 60_000, writeMs: 600_000 }

export interface HeapWish {
  readonly threadId: number
  readonly path: string
  readonly signal: AbortSignal
  readonly standstills: Standstills
  readonly times: HeapTimes
}

/**
 * Has the thread itself write its heap: see `ComputePool.heapSnapshot`. Not by `Worker.getHeapSnapshot`: with that the thread that asks
 * writes, and stands still for it (8 s for 88 MB; here 20 ms at most), and the process ends by a segmentation fault when the other thread
 * ends before all is read (Node 26). A thread that is ended while it writes by itself ends when the file is whole.
 */
export async function writeThreadHeap({ threadId, path, signal, standstills, times }: HeapWish): Promise<number> {
  const { promise: written, resolve, reject } = Promise.withResolvers<number>()
  const { port1, port2 } = new MessageChannel()
  const state = new SharedArrayBuffer(4)
  const refuse = (sentence: string) => reject(new ThreadHeapError(sentence))
  let goOn = () => {}
  let begunAt = 0
  let deadline = setTimeout(() => {
    // One that has begun by now is about to say so.
    if (decideHeapOrder(state, 'withdrawn')) refuse('The thread did not answer in time: its task computes.')
  }, times.beginMs)

  function onBegun(): void {
    clearTimeout(deadline)
    deadline = setTimeout(() => refuse('The thread did not finish the heap snapshot in time.'), times.writeMs)
    begunAt = performance.now()
    goOn = standstills.begin(threadId)
  }

  function onAbort(): void {
    decideHeapOrder(state, 'withdrawn')
    refuse('It is not waited for any more.')
  }

  port1.on('message', (message: unknown) => {
    const notice = readHeapNotice(message)
    if (notice?.type === 'begun' && begunAt === 0) onBegun()
    else if (notice?.type === 'written') resolve(Math.ceil(performance.now() - begunAt))
    else if (notice?.type === 'failed') reject(new Error(notice.message))
  })
  // After all messages.
  port1.on('close', () => refuse('The thread ended before the heap snapshot was there.'))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  else hand(threadId, { path, state, port: port2 }).catch(() => refuse('The thread has ended.'))
  try {
    return await written
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', onAbort)
    port1.close()
    goOn()
  }
}

function hand(threadId: number, order: HeapOrder['millraceHeapOrder']): Promise<void> {
  const message: HeapOrder = { millraceHeapOrder: order }
  return postMessageToThread(threadId, message, [order.port])
}
