import type { Bus } from '../../ports/bus.ts'
import type { Store } from '../../ports/store.ts'
import { announceGone } from './node-channel.ts'

/**
 * Declares a node dead: its jobs are taken back at once, and not when its lease has run out. Only for who knows that its
 * process is gone, for what it was running begins anew; may be done twice.
 */
export async function declareDead({ store, bus }: { readonly store: Store; readonly bus: Bus }, nodeId: string) {
  await store.write(({ nodes }) => nodes.remove(nodeId))
  announceGone(bus, nodeId)
}

/** Declares all nodes of earlier starts dead. Only for who holds the store alone, before any node is entered. */
export async function clearNodes(store: Store): Promise<void> {
  await store.write(({ nodes }) => nodes.removeAll())
}
