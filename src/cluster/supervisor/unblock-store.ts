import type { MemberProcess } from './member-process.ts'

export interface UnblockingParts {
  readonly members: Iterable<MemberProcess>
  /** For how long a member has to be silent, in awake ms. */
  readonly suspectMs: number
  /** Whether the process of that pid holds the lock under which the store is written. Never rejects. */
  holdsLock(pid: number): Promise<boolean>
}

/**
 * What kills a member that is silent and was found with the store's lock in its hands at two looks in a row, for all others
 * stand still with it; call it with each tick. Nothing is looked at while nobody is silent.
 *
 * A disk on which one commit takes that long has its member killed as well, which costs no more than any other death: what was
 * not committed is gone from the write-ahead log, and its jobs are run again.
 */
export function createUnblocking({ members, suspectMs, holdsLock }: UnblockingParts): () => void {
  let isLooking = false
  /** Who had the lock at the last look. */
  let holder: MemberProcess | null = null

  const isSuspect = ({ silenceMs }: MemberProcess) => silenceMs >= suspectMs

  async function look(suspects: readonly MemberProcess[]): Promise<MemberProcess | null> {
    for (const member of suspects) {
      const isHolder = member.pid !== null && (await holdsLock(member.pid))
      // Who was heard meanwhile is not to blame.
      if (isHolder && isSuspect(member)) return member
    }
    return null
  }

  async function unblock(suspects: readonly MemberProcess[]): Promise<void> {
    const found = await look(suspects)
    if (found !== null && found === holder) {
      found.kill({ kind: 'SILENT', reason: 'It stood still with the database’s lock in its hands.' })
    }
    holder = found
  }

  return () => {
    if (isLooking) return
    const suspects = [...members].filter(isSuspect)
    isLooking = true
    void unblock(suspects).finally(() => {
      isLooking = false
    })
  }
}
