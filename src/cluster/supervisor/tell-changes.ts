import { createChangeListeners } from '../../core/change-listeners.ts'
import type { MemberChanged, MemberEnd } from '../../core/cluster.ts'
import type { Logger } from '../../ports/logger.ts'

/** Who hears what befalls members, the log among them. A listener that throws is logged, and disturbs nobody else. */
export function createChangeTeller(logger: Logger) {
  const listeners = createChangeListeners<MemberChanged>((error) => {
    logger.error({ error: String(error) }, 'A listener to changes of members threw.')
  })

  return {
    add: listeners.add,
    tell(changed: MemberChanged): void {
      logChange(changed, logger)
      listeners.tell(changed)
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
  // Lines for people leave out `pid`, which in a log is of the process that writes.
  const fields = { member: number, nodeId, memberPid: pid, ...(reason === null ? {} : { reason }) }
  logger[isBad ? 'error' : 'info'](fields, sentences[change])
}
