/** Why a request over a line came to nothing. */
export type PeerErrorCode = 'TIMED_OUT' | 'CLOSED' | 'OVERLOADED' | 'FAILED'

/** A request that was not answered, or was answered with a failure (`FAILED`, with the other side's sentence). */
export class PeerError extends Error {
  readonly code: PeerErrorCode

  constructor(code: PeerErrorCode, message: string) {
    super(message)
    this.name = 'PeerError'
    this.code = code
  }
}

/** A line that carries messages to one other process and back: `process.send` and its event, without the process. */
export interface Link {
  /** Calls `sent` once the message is on its way or lost; never throws. */
  send(message: unknown, sent: () => void): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, when nothing comes any more. */
  onClose(listener: () => void): void
}

/**
 * The other end of the line between the primary and one member.
 *
 * Guaranteed: notices and requests arrive in the order in which they were sent, or are lost with the line; a request settles
 * by its deadline. What waits to be sent is bounded: over that, notices are dropped (`notify` says so) and requests are refused.
 * What comes from the other side is read as strictly as what comes from outside: an unknown name is passed over.
 */
export interface Peer {
  /** Tells the other side; `false` when it was dropped because too much waits to be sent, or the line is closed. */
  notify(name: string, body: unknown): boolean
  /** One listener for each name; call the result to stop. */
  onNotice(name: string, listener: (body: unknown) => void): () => void
  /** Asks the other side. Rejects with a `PeerError`. */
  request(name: string, body: unknown, options: { readonly deadlineMs: number }): Promise<unknown>
  /**
   * Answers requests of that name. What the handler throws reaches the other side as `FAILED` with its message, so it must be
   * a sentence for people. `gone` is aborted when the line closes.
   */
  answer(name: string, handler: (body: unknown, gone: AbortSignal) => unknown): () => void
  /** Aborted when the line is closed. */
  readonly closed: AbortSignal
}
