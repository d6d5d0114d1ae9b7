import type { Bus } from '../../ports/bus.ts'

const channel = 'node-gone'

/** Tells every runner that a node runs no more jobs, so that others look after them. A hint: the next sweep finds what got lost. */
export function announceGone(bus: Bus, nodeId: string): void {
  bus.publish(channel, { nodeId })
}

/** Hears that nodes run no more jobs; call the result to end it. */
export async function hearGone(bus: Bus, listener: () => void): Promise<() => void> {
  return bus.subscribe(channel, listener)
}
