import type { Logger } from '../../ports/logger.ts'
import type { MemberProcess } from './member-process.ts'

export interface UnblockingParts {
  readonly members: Iterable<MemberProcess>
  /** For how long a member has to be silent, in awake ms. */
  readonly suspectMs: number
  isStoreBlocked(): Promise<boolean>
  readonly logger: Logger
}

/**
 * What kills a member that is silent while nobody can write to the store, for it may have been stopped with the lock in its
 * hands, and all others would stand still with it; call it with each tick. One at a time, the longest silent first, and the
 * store is asked before each.
 *
 * Neither alone is a reason: a member may be silent because the machine has too much to do. The others then still write now and
 * then, for no transaction waits for anything but the CPU.
 */
export function createUnblocking({ members, suspectMs, isStoreBlocked, logger }: UnblockingParts): () => void {
  let isAsking = false

  const suspects = () =>
    [...members].filter(({ silenceMs }) => silenceMs >= suspectMs).toSorted((a, b) => b.silenceMs - a.silenceMs)

  async function ask(): Promise<void> {
    try {
      if (!(await isStoreBlocked())) return
      // Who was heard meanwhile is not to blame.
      suspects()[0]?.kill({ kind: 'SILENT', reason: 'It stood still, and nobody could write to the database.' })
    } catch (error) {
      logger.warn({ error: String(error) }, 'Whether the database can be written could not be found out.')
    }
  }

  return () => {
    if (isAsking || suspects().length === 0) return
    isAsking = true
    void ask().finally(() => {
      isAsking = false
    })
  }
}
