/**
 * Live messages between everyone who works on one store, in this process and in others.
 *
 * A bus carries hints: a message may be lost, doubled or late, and something else (the event log's positions, the sweep of
 * the ledger) must mend that. What it does guarantee: once `subscribe` has resolved, what is published afterwards in this
 * process reaches the listener, or the bus is broken and says so in the log; one publisher's messages on one channel that
 * arrive at all arrive in order. Listeners must not throw and must not block.
 * The publisher's own listeners hear it too. Messages are JSON.
 */
export interface Bus extends AsyncDisposable {
  publish(channel: string, message: unknown): void
  /** Resolves once the subscription is acknowledged; call the result to end it. */
  subscribe(channel: string, listener: (message: unknown) => void): Promise<() => void>
}
