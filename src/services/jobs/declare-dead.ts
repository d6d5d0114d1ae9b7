import type { Bus } from '../../ports/bus.ts'
import type { Store } from '../../ports/store.ts'
import { announceGone } from './node-channel.ts'
import { persistently } from './persistently.ts'

/** For so long it is tried, in ms: the node's lease has run out then, and all others find its jobs by themselves. */
const patienceMs = 30_000

/**
 * Declares a node dead: its jobs are taken back at once, and not when its lease has run out. Only for who knows that its
 * process is gone, for what it was running begins anew; may be done twice. Tries for half a minute, or until
 * the signal is aborted.
 */
export async function declareDead(
  { store, bus }: { readonly store: Store; readonly bus: Bus },
  nodeId: string,
  signal?: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs)
  const giveUp = signal === undefined ? patience : AbortSignal.any([signal, patience])
  await persistently(() => store.write(({ nodes }) => nodes.remove(nodeId)), giveUp)
  announceGone(bus, nodeId)
}

/** Declares all nodes of earlier starts dead. Only for who holds the store alone, before any node is entered. */
export async function clearNodes(store: Store): Promise<void> {
  await store.write(({ nodes }) => nodes.removeAll())
}
