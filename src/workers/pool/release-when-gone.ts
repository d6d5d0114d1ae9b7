import type { Logger } from '../../ports/logger.ts'
import type { Slot } from './slots.ts'

/** A thread that was ended and is there after so many ms sits in native code. */
const zombieAfterMs = 1_000

/** A thread that does not end, because native code ignores termination, keeps its slot: its core is still taken. */
export async function releaseWhenGone(
  gone: Promise<unknown>,
  slot: Slot,
  logger: Logger,
  fields: object,
): Promise<void> {
  const isZombie = setTimeout(() => {
    slot.strand()
    logger.error(
      fields,
      'A compute thread does not end: native code, or collecting garbage, holds it. Its core is taken until it does; if it never does, restart the server.',
    )
  }, zombieAfterMs)
  await gone
  clearTimeout(isZombie)
  slot.release()
}
