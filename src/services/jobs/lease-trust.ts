import type { AnnouncedPauses } from './announced-pauses.ts'

/** Why a lease was lost: this process stood still, for which its jobs may be to blame, or the store let no renewal through. */
export type LeaseLoss = 'stoodStill' | 'notRenewed'

/**
 * After which part of the lease it counts as lost here. Counted from before the renewal was asked for, so that this node
 * always knows before any other one may act on it.
 */
const trustedPart = 0.75

/** A timer that goes off this part of the lease late tells that the process stood still. */
const latePart = 1 / 6

/** Renewals are regular while at most this part of the lease lies between two. The leases of others outlive such a pause. */
const regularPart = 0.5

/** Whether renewals, of which the first is made now, go through one soon after the other. */
export function createRegularity(leaseMs: number) {
  let renewedAt = performance.now()
  let regularSince = renewedAt
  const isRegular = () => performance.now() - renewedAt <= leaseMs * regularPart
  return {
    renewed() {
      if (!isRegular()) regularSince = performance.now()
      renewedAt = performance.now()
    },
    isSteady: () => isRegular() && performance.now() - regularSince >= leaseMs,
  }
}

/** For how long the lease, which is taken now, is good. `lost` is called when that is over. */
export function createTrust(leaseMs: number, pauses: Pick<AnnouncedPauses, 'isOn'>, lost: (cause: LeaseLoss) => void) {
  let stoodStill = false
  let endsAt = performance.now() + leaseMs * trustedPart
  let timer = setTimeout(expire, leaseMs * trustedPart)
  const isLate = (dueAt: number) => performance.now() - dueAt > leaseMs * latePart

  function expire(): void {
    // For a standstill that was announced no job is to blame.
    lost(!pauses.isOn && (stoodStill || isLate(endsAt)) ? 'stoodStill' : 'notRenewed')
  }

  return {
    /** A timer that was due then has gone off. */
    wokeUp(dueAt: number) {
      stoodStill ||= !pauses.isOn && isLate(dueAt)
    },
    /** Answers `false` for a renewal that took so long that it cannot be trusted: the timer goes off as if there had been none. */
    extend(from: number): boolean {
      const newEnd = from + leaseMs * trustedPart
      const left = newEnd - performance.now()
      if (left <= 0) return false
      clearTimeout(timer)
      endsAt = newEnd
      timer = setTimeout(expire, left)
      stoodStill = false
      return true
    },
    end: () => clearTimeout(timer),
  }
}
