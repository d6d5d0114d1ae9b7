import { createTurns } from '../../core/turns.ts'
import type { Logger } from '../../ports/logger.ts'
import type { AwakeTime } from '../awake-time.ts'
import type { DrainOrder } from '../drain-order.ts'
import type { Dismissal, MemberProcess } from './member-process.ts'
import type { Slot } from './slot.ts'

export interface ReplacementsParts {
  readonly slots: readonly Slot[]
  readonly awake: AwakeTime
  /** How a member that has a successor comes to its end. */
  readonly drain: DrainOrder
  readonly logger: Logger
}

/** Replaces members without a gap, one at a time: the next one serves before the one before it drains. */
export interface Replacements {
  /** Replaces all; resolves with whether that came to its end. What is asked while one waits for its turn is the same one. */
  reload(): Promise<boolean>
  recycle(slot: Slot, member: MemberProcess, reason: string): void
}

const reloaded: Dismissal = { kind: 'RELOADED', reason: 'All members are replaced, one after the other.' }

export function createReplacements({ slots, awake, drain, logger }: ReplacementsParts): Replacements {
  const takeTurn = createTurns()
  const recycling = new WeakSet<MemberProcess>()
  let waiting: Promise<boolean> | null = null

  async function replace(slot: Slot, member: MemberProcess, dismissal: Dismissal): Promise<boolean> {
    const successor = slot.forkSuccessor()
    if (successor === null || !(await isReady(successor))) return false
    // Where the old one has ended meanwhile, the place is its successor's already.
    slot.promote()
    member.drain(drain, dismissal)
    await member.ended
    return true
  }

  /** Whether there is a process in the slot that was forked after `sinceMs` and is ready. */
  async function renew(slot: Slot, sinceMs: number): Promise<boolean> {
    for (;;) {
      const member = slot.current
      if (member === null || member.isOver) return isReady(slot.start())
      if (member.forkedMs > sinceMs) return isReady(member)
      if (await isReady(member)) return replace(slot, member, reloaded)
    }
  }

  async function replaceAll(): Promise<boolean> {
    waiting = null
    const sinceMs = awake.ms
    logger.info({}, 'All members are replaced, one after the other.')
    for (const slot of slots) {
      if (await renew(slot, sinceMs)) continue
      if (slot.isClosed) return false
      logger.error({ member: slot.number }, 'The new process of a member did not get ready: the reload stops here.')
      return false
    }
    logger.info({}, 'All members were replaced.')
    return true
  }

  async function recycleOne(slot: Slot, member: MemberProcess, reason: string): Promise<void> {
    if (slot.current !== member || !(await isReady(member)) || slot.current !== member) return
    if ((await replace(slot, member, { kind: 'RECYCLED', reason })) || slot.isClosed) return
    logger.error({ member: slot.number, reason }, 'A member was to be replaced, and its successor did not get ready.')
  }

  return {
    reload: () => (waiting ??= takeTurn('', replaceAll)),
    recycle(slot, member, reason) {
      if (recycling.has(member)) return
      recycling.add(member)
      void takeTurn('', () => recycleOne(slot, member, reason)).finally(() => recycling.delete(member))
    },
  }
}

async function isReady(member: MemberProcess | null): Promise<boolean> {
  return member !== null && (await member.ready) && !member.isOver
}
