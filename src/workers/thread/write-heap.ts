import { writeHeapSnapshot } from 'node:v8'
import { decideHeapOrder, type HeapOrder, type HeapOrderNotice } from '../heap-order.ts'
import { textOfError } from './text-of-error.ts'

/** Writes a snapshot of this thread's heap when the main thread says so and this thread is not computing. */
export function hearHeapOrders(): void {
  process.on('workerMessage', (message: unknown) => {
    if (!isHeapOrder(message)) return
    // The main thread hears first that the order has come.
    setImmediate(() => obey(message.millraceHeapOrder))
  })
}

function obey({ path, state, port }: HeapOrder['millraceHeapOrder']): void {
  const tell = (notice: HeapOrderNotice) => port.postMessage(notice, [])
  try {
    if (!decideHeapOrder(state, 'begun')) return
    tell({ type: 'begun' })
    writeHeapSnapshot(path)
    tell({ type: 'written' })
  } catch (error) {
    tell({ type: 'failed', message: textOfError(error) })
  } finally {
    port.close()
  }
}

/** A task can send messages of its own from thread to thread. */
function isHeapOrder(message: unknown): message is HeapOrder {
  return typeof message === 'object' && message !== null && 'millraceHeapOrder' in message
}
