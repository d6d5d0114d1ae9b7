/**
 * Who else is on the bus, by the pulses that each sends every second. One who has gone silent may be cut off and be saying what
 * nobody hears, while the line of this process is in order.
 */
export interface SilentPeers {
  heard(peer: string): void
  /** It has said that it goes. */
  left(peer: string): void
  /** To be called once per pulse of this process: whether somebody is silent who was here not long ago. */
  beat(): boolean
  /** Nobody could be heard: all have time again. */
  forgive(): void
}

/** After how many pulses of this process somebody counts as silent, and after how many as dead. */
const silentAfter = 3
const deadAfter = 60
const maxPeers = 1024

export function createSilentPeers(): SilentPeers {
  /** How many pulses of this process ago each was heard. */
  const peers = new Map<string, number>()
  return {
    heard(peer) {
      if (peers.has(peer) || peers.size < maxPeers) peers.set(peer, 0)
    },
    left: (peer) => void peers.delete(peer),
    beat() {
      let isSomebodySilent = false
      for (const [peer, beats] of peers) {
        if (beats >= deadAfter) peers.delete(peer)
        else peers.set(peer, beats + 1)
        if (beats >= silentAfter) isSomebodySilent = true
      }
      return isSomebodySilent
    },
    forgive() {
      for (const peer of peers.keys()) peers.set(peer, 0)
    },
  }
}
