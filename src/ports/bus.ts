/**
 * Live messages between everyone who works on one store, in this process and in others.
 *
 * A bus carries hints: a message may be lost, doubled or late, and something else (the event log's positions, the sweep of
 * the ledger) must mend that. What it does guarantee: once `subscribe` has resolved, what is published afterwards in this
 * process reaches the listener, whatever became of the line to the others; what is published in other processes does as long
 * as `isLive`; one publisher's messages on one channel that arrive at all arrive in order. It never waits for a line that is
 * down: `publish` is heard here, and `subscribe` resolves. Listeners must not throw and must not block.
 * The publisher's own listeners hear it too, once. Messages are JSON.
 */
export interface Bus extends AsyncDisposable {
  publish(channel: string, message: unknown): void
  /** Resolves once the subscription is acknowledged, or is known not to be while the bus is not live; call the result to end it. */
  subscribe(channel: string, listener: (message: unknown) => void): Promise<() => void>
  /** Whether messages come through from other processes. While they do not, who must know looks for itself. */
  readonly isLive: boolean
  /**
   * Hears `false` when messages may be lost from now on, and `true` when they come through again: what happened in between
   * must be looked up. `true` without `false` before says that some were lost a moment ago. Call the result to stop.
   */
  onChange(listener: (isLive: boolean) => void): () => void
}
