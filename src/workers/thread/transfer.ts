import { isMarkedAsUntransferable, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { endSentence } from '../../core/end-sentence.ts'
import { textOfError } from './text-of-error.ts'

/** A value that no other thread can be given. The message is a full sentence. */
export class NotCloneableError extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be handed to another thread: ${endSentence(textOfError(cause))}`, { cause })
    this.name = 'NotCloneableError'
  }
}

/** Puts a copy of the value into the port. Throws a `NotCloneableError` that calls the value `what`. */
export function putCopy(port: MessagePort, what: string, value: unknown): void {
  try {
    port.postMessage(value)
  } catch (error) {
    throw new NotCloneableError(what, error)
  }
}

/** The same, but the buffers that are the value, or lie at its top, are moved where they can be: the thread loses them. */
export function putWithBuffers(port: MessagePort, what: string, value: unknown): void {
  try {
    port.postMessage(value, buffersAtTop(value))
  } catch {
    // One of them may not be moved, such as the memory of a WebAssembly module: all are copied, if anything can be.
    putCopy(port, what, value)
  }
}

/** What lies in a port that another thread has put a value into. */
export function takeOut(port: MessagePort): unknown {
  const taken = receiveMessageOnPort(port)
  port.close()
  if (taken === undefined) throw new Error('What another thread was to hand over has not come.')
  return taken.message
}

function buffersAtTop(value: unknown): ArrayBuffer[] {
  const top: readonly unknown[] =
    typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? Object.values(value) : []
  const buffers = [value, ...top].map(wholeBufferOf).filter((buffer) => buffer !== null)
  return [...new Set(buffers)]
}

/** A view on a part of a buffer shares it with others: with small `Buffer`s of Node, for one. */
function wholeBufferOf(value: unknown): ArrayBuffer | null {
  const buffer = ArrayBuffer.isView(value) && value.byteLength === value.buffer.byteLength ? value.buffer : value
  return buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer) ? buffer : null
}
