import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../core/job.ts'
import { createTurns } from '../../core/turns.ts'
import { within } from '../../core/within.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { createAnnouncedPauses } from './announced-pauses.ts'
import { createRegularity, createTrust, type LeaseLoss } from './lease-trust.ts'

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

/** This node's lease: while it is held, nobody takes the node's jobs away. */
export interface NodeLease extends AsyncDisposable {
  readonly held: boolean
  /**
   * Whether renewals have gone through regularly for one whole lease. Every other node that lives could then renew its own as
   * well: one whose lease has run out is gone. After a standstill of the store it says nothing.
   */
  isSteady(): boolean
  /**
   * Says that this process will stand still for about so many ms, at most 10 minutes. Until the result is called the lease is taken for as
   * much longer, here and in the store, so that what runs in threads goes on and nobody takes it away; should the process die meanwhile,
   * its jobs come back later by as much, unless somebody takes the node out, as a supervisor does. Resolves when the store knows, or does
   * not answer within 2 seconds: the lease may then be lost as it is by any standstill. Never rejects.
   */
  pause(ms: number): Promise<() => void>
}

/** How long an announced standstill waits for the store to know, in ms. */
const announceMs = 2_000

/** Keeps the node's lease from now on; the first one must have been taken already. Disposing stops the renewals. */
export function keepNodeLease(options: NodeLeaseOptions): NodeLease {
  const { nodeId, logger, times } = options
  const stopping = new AbortController()
  let held = true
  const regularity = createRegularity(times.leaseMs)
  const pauses = createAnnouncedPauses()
  const trust = createTrust(times.leaseMs, pauses, (cause) => {
    held = false
    logger.error({ nodeId, cause }, 'The lease of this node could not be renewed in time: its jobs are stopped.')
    options.lost(cause)
  })

  const renewals = createRenewals(options, pauses.leftMs, (askedAt, longerMs) => {
    regularity.renewed()
    if (stopping.signal.aborted || !trust.extend(askedAt + longerMs)) return
    if (!held) logger.info({ nodeId }, 'The lease of this node is held again.')
    held = true
  })

  async function keep(): Promise<void> {
    let pause = times.renewMs
    while (!stopping.signal.aborted) {
      const dueAt = performance.now() + pause
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      trust.wokeUp(dueAt)
      const askedAt = performance.now()
      try {
        await options.renewed(await renewals.renew())
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
    async pause(ms) {
      const end = pauses.begin(ms)
      await within(announceMs, renewals.renewForPause())
      return () => {
        end()
        void renewals.renewForPause()
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      trust.end()
      await renewals.end()
      await keeping
    },
  }
}

/** Renews the lease one time after the other: one that was asked for before a pause was announced must not end up as the last. */
function createRenewals(
  { store, nodeId, logger, times, tasksNow }: NodeLeaseOptions,
  longerMs: () => number,
  renewed: (askedAt: number, longerMs: number) => void,
) {
  const inTurn = createTurns()
  let isOver = false

  const renew = (): Promise<readonly Job[]> =>
    inTurn(nodeId, async () => {
      const askedAt = performance.now()
      const longer = longerMs()
      const running = await store.write(async ({ nodes, ledger }) => {
        await nodes.renew(nodeId, times.leaseMs + longer, tasksNow())
        return ledger.runningOn(nodeId)
      })
      renewed(askedAt, longer)
      return running
    })

  return {
    renew,
    async renewForPause(): Promise<void> {
      if (isOver) return
      try {
        await renew()
      } catch (error) {
        logger.warn({ nodeId, error: String(error) }, 'The lease of this node could not be renewed for a pause.')
      }
    },
    /** Resolves when none is under way: one after the node was taken out would enter it again. */
    async end(): Promise<void> {
      isOver = true
      await inTurn(nodeId, async () => {})
    },
  }
}
