import { MessagePort } from 'node:worker_threads'

/**
 * Has what this thread talks to the main thread with stay as it is: a task that overwrote it would be heard of no more, and
 * would occupy its thread for ever. It gets a `TypeError` instead.
 */
export function keepLinesOpen(): void {
  for (const name of ['postMessage', 'close', 'ref', 'unref']) {
    Object.defineProperty(MessagePort.prototype, name, { writable: false, configurable: false })
  }
  Object.freeze(Atomics)
}
