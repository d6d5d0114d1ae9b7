import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../core/job.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'

/** For how long a lease is taken and how often it is renewed, in ms. */
export interface LeaseTimes {
  readonly leaseMs: number
  readonly renewMs: number
}

export const leaseTimes: LeaseTimes = { leaseMs: 6000, renewMs: 2000 }

export interface NodeLeaseOptions {
  readonly store: Store
  readonly nodeId: string
  readonly logger: Logger
  readonly times: LeaseTimes
  /** The tasks of which this node runs jobs, with their versions. */
  tasksNow(): ReadonlyMap<string, string>
  /** Called after each renewal with the jobs that the ledger says are running on this node. */
  renewed(running: readonly Job[]): Promise<void>
  /** Called when the lease could not be renewed in time: what runs here must stop. */
  lost(cause: LeaseLoss): void
}

/** Why a lease was lost: this process stood still, for which its jobs may be to blame, or the store let no renewal through. */
export type LeaseLoss = 'stoodStill' | 'notRenewed'

/** This node's lease: while it is held, nobody takes the node's jobs away. */
export interface NodeLease extends AsyncDisposable {
  readonly held: boolean
  /**
   * Whether renewals have gone through regularly for one whole lease. Every other node that lives could then renew its own as
   * well: one whose lease has run out is gone. After a standstill of the store it says nothing.
   */
  isSteady(): boolean
}

/**
 * After which part of the lease it counts as lost here. Counted from before the renewal was asked for, so that this node
 * always knows before any other one may act on it.
 */
const trustedPart = 0.75

/** A timer that goes off this part of the lease late tells that the process stood still. */
const latePart = 1 / 6

/** Renewals are regular while at most this part of the lease lies between two. The leases of others outlive such a pause. */
const regularPart = 0.5

/** Keeps the node's lease from now on; the first one must have been taken already. Disposing stops the renewals. */
export function keepNodeLease(options: NodeLeaseOptions): NodeLease {
  const { store, nodeId, logger, times } = options
  const stopping = new AbortController()
  let held = true
  const regularity = createRegularity(times.leaseMs)
  const trust = createTrust(times.leaseMs, (cause) => {
    held = false
    logger.error({ nodeId, cause }, 'The lease of this node could not be renewed in time: its jobs are stopped.')
    options.lost(cause)
  })

  function extend(askedAt: number): void {
    regularity.renewed()
    if (stopping.signal.aborted || !trust.extend(askedAt)) return
    if (!held) logger.info({ nodeId }, 'The lease of this node is held again.')
    held = true
  }

  async function renew(askedAt: number): Promise<void> {
    const running = await store.write(async ({ nodes, ledger }) => {
      await nodes.renew(nodeId, times.leaseMs, options.tasksNow())
      return ledger.runningOn(nodeId)
    })
    extend(askedAt)
    await options.renewed(running)
  }

  async function keep(): Promise<void> {
    let pause = times.renewMs
    while (!stopping.signal.aborted) {
      const dueAt = performance.now() + pause
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      trust.wokeUp(dueAt)
      const askedAt = performance.now()
      try {
        await renew(askedAt)
        // One that took long is not good for long.
        pause = Math.max(0, askedAt + times.renewMs - performance.now())
      } catch (error) {
        logger.warn({ nodeId, error: String(error) }, 'The lease of this node could not be renewed.')
        pause = times.renewMs / 4
      }
    }
  }

  const keeping = keep()
  return {
    get held() {
      return held
    },
    isSteady: regularity.isSteady,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      trust.end()
      await keeping
    },
  }
}

/** Whether renewals, of which the first is made now, go through one soon after the other. */
function createRegularity(leaseMs: number) {
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
function createTrust(leaseMs: number, lost: (cause: LeaseLoss) => void) {
  let stoodStill = false
  let endsAt = performance.now() + leaseMs * trustedPart
  let timer = setTimeout(expire, leaseMs * trustedPart)
  const isLate = (dueAt: number) => performance.now() - dueAt > leaseMs * latePart

  function expire(): void {
    lost(stoodStill || isLate(endsAt) ? 'stoodStill' : 'notRenewed')
  }

  return {
    /** A timer that was due then has gone off. */
    wokeUp(dueAt: number) {
      stoodStill ||= isLate(dueAt)
    },
    /** Answers `false` for a renewal that took so long that it cannot be trusted: the timer goes off as if there had been none. */
    extend(askedAt: number): boolean {
      const newEnd = askedAt + leaseMs * trustedPart
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
