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
  lost(): void
}

/** This node's lease: while it is held, nobody takes the node's jobs away. */
export interface NodeLease extends AsyncDisposable {
  readonly held: boolean
}

/**
 * After which part of the lease it counts as lost here. Counted from before the renewal was asked for, so that this node
 * always knows before any other one may act on it.
 */
const trustedPart = 0.75

/** Keeps the node's lease from now on; the first one must have been taken already. Disposing stops the renewals. */
export function keepNodeLease(options: NodeLeaseOptions): NodeLease {
  const { store, nodeId, logger, times } = options
  const stopping = new AbortController()
  let held = true
  let expiry = setTimeout(expire, times.leaseMs * trustedPart)

  function expire(): void {
    held = false
    logger.error({ nodeId }, 'The lease of this node could not be renewed in time: its jobs are stopped.')
    options.lost()
  }

  function extend(askedAt: number): void {
    const left = askedAt + times.leaseMs * trustedPart - performance.now()
    // A renewal that took as long as this cannot be trusted: the timer goes off as if there had been none.
    if (left <= 0 || stopping.signal.aborted) return
    clearTimeout(expiry)
    expiry = setTimeout(expire, left)
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
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
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
    async [Symbol.asyncDispose]() {
      stopping.abort()
      clearTimeout(expiry)
      await keeping
    },
  }
}
