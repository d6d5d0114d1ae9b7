import type { ServerResponse } from 'node:http'

export interface SseTimes {
  /** How often something is sent although nothing happens, in ms. */
  readonly heartbeatMs: number
  /** A client that takes nothing for so long, in ms, is cut off. */
  readonly stallMs: number
  /** How long a client is asked to wait before it comes back, in ms. */
  readonly retryMs: number
}

/** An answer of server-sent events that has begun. */
export interface SseResponse {
  /** Whether the client has gone or the answer was ended. */
  readonly closed: boolean
  /** Sends text; resolves when more may be sent, or the answer is closed. */
  send(text: string): Promise<void>
  /** Sends a last text and ends the answer. */
  end(text: string): void
  /** Breaks the connection off, for the client to come back. */
  cut(): void
}

/** Begins the answer. */
export function openSseResponse(response: ServerResponse, times: SseTimes): SseResponse {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-store, no-transform',
    // Tells nginx not to hold the stream back.
    'x-accel-buffering': 'no',
  })
  // A comment at once makes proxies pass the head on; `:` starts one.
  response.write(`retry: ${times.retryMs}\n:\n\n`)
  const isClosed = () => response.destroyed || response.writableEnded
  const heartbeat = setInterval(() => {
    if (!isClosed() && !response.writableNeedDrain) response.write(':\n\n')
  }, times.heartbeatMs)
  response.once('close', () => clearInterval(heartbeat))

  return {
    get closed() {
      return isClosed()
    },
    async send(text) {
      if (isClosed() || response.write(text)) return
      await drained(response, times.stallMs)
    },
    end(text) {
      clearInterval(heartbeat)
      if (isClosed()) return
      response.end(text)
      // What a client that does not read leaves in the buffer must not keep the socket for ever.
      const deadline = setTimeout(() => response.destroy(), times.stallMs)
      response.once('close', () => clearTimeout(deadline))
    },
    cut() {
      response.destroy()
    },
  }
}

async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = () => {
      clearTimeout(deadline)
      response.off('drain', settle)
      response.off('close', settle)
      resolve()
    }
    const deadline = setTimeout(() => response.destroy(), stallMs)
    response.once('drain', settle)
    response.once('close', settle)
  })
}
