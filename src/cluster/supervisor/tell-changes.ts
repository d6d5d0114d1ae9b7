import type { MemberChanged, MemberEnd } from '../../core/cluster.ts'
import type { Logger } from '../../ports/logger.ts'

export type ChangeListener = (change: MemberChanged) => void

/** Who hears what befalls members, the log among them. A listener that throws is logged, and disturbs nobody else. */
export function createChangeTeller(logger: Logger) {
  const listeners = new Set<ChangeListener>()

  return {
    add(listener: ChangeListener): () => void {
      const own: ChangeListener = (change) => listener(change)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    tell(changed: MemberChanged): void {
      logChange(changed, logger)
      for (const listener of listeners) {
        try {
          listener(changed)
        } catch (error) {
          logger.error({ error: String(error) }, 'A listener to changes of members threw.')
        }
      }
    },
  }
}

const sentences = {
  STARTED: 'A member was started.',
  READY: 'A member is ready.',
  DRAINING: 'A member takes no more work and comes to its end.',
  ENDED: 'A member ended.',
  GIVEN_UP: 'A member ended too often and is not started again until a reload.',
} as const satisfies Record<MemberChanged['change'], string>

const asked: readonly MemberEnd['kind'][] = ['RECYCLED', 'RELOADED', 'STOPPED']

function logChange({ change, member, reason }: MemberChanged, logger: Logger): void {
  const { number, nodeId, pid, lastEnd } = member
  const isBad = change === 'GIVEN_UP' || (change === 'ENDED' && lastEnd !== null && !asked.includes(lastEnd.kind))
  const fields = { member: number, nodeId, pid, ...(reason === null ? {} : { reason }) }
  logger[isBad ? 'error' : 'info'](fields, sentences[change])
}
