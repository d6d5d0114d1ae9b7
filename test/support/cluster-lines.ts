import { createPeer, type PeerOptions } from '../../src/cluster/create-peer.ts'
import type { LineState } from '../../src/cluster/line-state.ts'
import type { Peer } from '../../src/cluster/peer.ts'
import { createLinkPair, type LinkEnd } from './link-pair.ts'

export interface ClusterLine extends AsyncDisposable {
  /** The member's end: whom it speaks to is the primary. */
  readonly toPrimary: Peer
  /** The primary's end. */
  readonly toMember: Peer
  readonly memberLink: LinkEnd
  readonly primaryLink: LinkEnd
  /** What the member thinks of the line; `set` says that the primary is heard, or is not. */
  readonly line: LineState & { set(isLive: boolean): void }
  close(): void
}

/** A line between a member and its primary, within this process. */
export function openClusterLine(options: PeerOptions = {}): ClusterLine {
  const pair = createLinkPair()
  const [memberLink, primaryLink] = pair.ends
  return {
    toPrimary: createPeer(memberLink, options),
    toMember: createPeer(primaryLink, options),
    memberLink,
    primaryLink,
    line: settableLine(),
    close: () => pair.close(),
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  }
}

function settableLine(): ClusterLine['line'] {
  const listeners = new Set<(isLive: boolean) => void>()
  let isLive = true
  return {
    get isLive() {
      return isLive
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set(now) {
      isLive = now
      for (const listener of listeners) listener(now)
    },
  }
}
