/** How patient a subscription is, in ms. */
export interface ClientTimes {
  /**
   * A transport that has not answered by then is given up for the next one: nothing came, or a proxy holds its bytes back.
   * The last transport is given four times as long, since there is no other.
   */
  readonly openMs: number
  /** A connection that has stood so long works: it was let in, and a better transport may take over. */
  readonly settleMs: number
  /** A connection without a sign of life for so long is lost. The server gives one every 12 s. */
  readonly silentMs: number
  /** How long a worse transport is kept before a better one is tried again; doubles with each try in vain. */
  readonly probeMs: number
  readonly longestProbeMs: number
  /** How long to go on without a connection before any has worked. */
  readonly giveUpAtFirstMs: number
  /** How long to go on without a connection after one has worked; a server may take a while to be started anew. */
  readonly giveUpAfterMs: number
}

export const clientTimes: ClientTimes = {
  openMs: 4_000,
  settleMs: 1_000,
  silentMs: 30_000,
  probeMs: 60_000,
  longestProbeMs: 900_000,
  giveUpAtFirstMs: 20_000,
  giveUpAfterMs: 120_000,
}
