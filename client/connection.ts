import { type Frame, isRefusal, type NamedTransport, type OpenOptions, OperationError } from './frame.ts'
import type { ClientTimes } from './times.ts'
import { keepVigil, type Vigil } from './vigil.ts'

export interface ConnectionListener {
  /** The server has taken it up. */
  onOpen(): void
  /** It has stood for a while, or has brought its first frame, which is then handed on. Comes once. */
  onSettled(first: Frame | null): void
  onFrame(frame: Frame): void
  /** It is over: `null` when the operation is complete, else what was wrong. Comes once, and nothing after it. */
  onEnd(failure: unknown): void
}

export interface Connection {
  readonly isSettled: boolean
  /** How long its server asks to wait after it broke, in ms; 0 when it has not said. */
  readonly retryMs: number
  /** Lets the socket go; the listener hears nothing more. */
  close(): void
}

export interface ConnectionOptions extends Pick<OpenOptions, 'url' | 'operation' | 'resume' | 'headers'> {
  readonly transport: NamedTransport
  readonly times: ClientTimes
  /** How long it may take to be taken up, in ms. */
  readonly openMs: number
}

/** Opens a stream over a transport and tells the listener what becomes of it, never before it has returned. */
export function openConnection(options: ConnectionOptions, listener: ConnectionListener): Connection {
  const stop = new AbortController()
  let settled = false
  let retryMs = 0

  function settle(first: Frame | null): void {
    if (settled) return
    settled = true
    listener.onSettled(first)
  }
  function close(): void {
    vigil.end()
    stop.abort()
  }
  function end(failure: unknown): void {
    if (stop.signal.aborted) return
    close()
    listener.onEnd(failure)
  }
  const vigil = keepVigil(options.times, () => settle(null), end)
  const onFrame = (frame: Frame) => {
    settle(frame)
    if (!stop.signal.aborted) listener.onFrame(frame)
  }
  const onOpen = () => {
    if (stop.signal.aborted) return
    vigil.opened()
    listener.onOpen()
  }
  const onRetry = (ms: number) => {
    retryMs = ms
  }
  read({ ...options, vigil, signal: stop.signal, onOpen, onRetry, onFrame }).then(() => end(null), end)
  return {
    get isSettled() {
      return settled
    },
    get retryMs() {
      return retryMs
    },
    close,
  }
}

interface Reading extends ConnectionOptions, Pick<OpenOptions, 'signal' | 'onOpen' | 'onRetry'> {
  readonly vigil: Vigil
  readonly onFrame: (frame: Frame) => void
}

/** Reads frames until the operation is complete or the signal is aborted. Throws the refusal, or what was wrong. */
async function read({ transport, times, openMs, vigil, onFrame, ...options }: Reading): Promise<void> {
  // Whoever looks for a fresh token may take longer than the server waits for a first message.
  vigil.expect(times.silentMs)
  const first = await options.headers()
  if (options.signal.aborted) return
  vigil.expect(openMs)
  let isFirst = true
  const headers = () => {
    if (!isFirst) return options.headers()
    isFirst = false
    return Promise.resolve(first)
  }
  for await (const frame of transport.open({ ...options, headers, onSign: () => vigil.sign() })) {
    if (options.signal.aborted) return
    vigil.sign()
    if (isRefusal(frame)) throw new OperationError(frame.errors ?? [])
    onFrame(frame)
  }
}
