import type { EventBody } from '../../ports/event-log.ts'

/**
 * When an event was written, by the clock of who wrote it, in ms since 1970: within its transaction, and so by the time of the
 * commit too early. `null` for one that does not say.
 */
export function toldAt({ at, message }: EventBody): number | null {
  if (typeof at === 'number') return at
  // Messages of channels have their time within.
  const isMessage = typeof message === 'object' && message !== null && 'sentAt' in message
  return isMessage && typeof message.sentAt === 'number' ? message.sentAt : null
}
