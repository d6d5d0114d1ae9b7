import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../core/job.ts'
import type { Bus } from '../../ports/bus.ts'
import type { ComputePool } from '../../ports/compute-pool.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { AttemptOptions } from './attempt.ts'
import { hearCancels } from './cancel-channel.ts'
import { type ClaimLoop, startClaimLoop } from './claim-loop.ts'
import { hearDue } from './due-channel.ts'
import { keepNodeLease, type LeaseTimes, leaseTimes } from './node-lease.ts'
import { createReconciler } from './reconcile.ts'
import { createRunningAttempts } from './running-attempts.ts'
import { createStartLine } from './start-line.ts'
import { sweep } from './sweep.ts'
import { type Sweeper, startSweeper } from './sweeper.ts'
import type { TaskCatalogue } from './task-catalogue.ts'

export interface RunnerOptions extends Omit<AttemptOptions, 'line'> {
  readonly pool: ComputePool
  readonly queue: JobQueue
  readonly bus: Bus
  /** The node under which `queue` claims. New at each start of the process. */
  readonly nodeId: string
  /** Whether nobody else works on the store (its folder is locked): running jobs of other nodes are then taken back at once. */
  readonly exclusive: boolean
  readonly times?: LeaseTimes
  /** About how many ms lie between two looks for jobs of nodes that are gone. */
  readonly sweepMs?: number
}

/** Runs jobs on this node, as many at once as the pool has room for. */
export interface Runner extends AsyncDisposable {
  /** Enters the node, takes back what its predecessors left and begins to claim. Rejects when the store cannot be written. */
  start(): Promise<void>
  /**
   * Claims and begins no more, lets what runs finish for so many ms, hands the rest back for others (which uses up none of a job's
   * attempts) and takes the node out. Disposing stops with no time to finish.
   */
  stop(drainMs: number): Promise<void>
}

/** How long tasks may take to stop when their jobs are handed back; the pool ends their threads well before. */
const handBackMs = 15_000

/** A runner that does nothing before `start`. */
export function createRunner(options: RunnerOptions): Runner {
  const { queue, bus, pool, tasks, nodeId, times = leaseTimes, sweepMs = 1000 } = options
  const found = () => queue.announce()
  const line = createStartLine(pool)
  const attempts = createRunningAttempts({ ...options, line }, (job) => {
    // Of a task that only so many jobs may run of, another may begin now, on whichever node.
    if (job !== null && (job.state === 'QUEUED' || isLimited(tasks, job))) found()
    if (job?.state === 'SCHEDULED') sweeper?.due(job.runAt)
    claims?.wake()
  })
  const resources = new AsyncDisposableStack()
  let claims: ClaimLoop | null = null
  let sweeper: Sweeper | null = null
  let stopped: Promise<void> | null = null

  async function start(): Promise<void> {
    await enter(options, times.leaseMs)
    resources.defer(await hearCancels(bus, (jobId) => attempts.cancel(jobId)))
    resources.defer(await hearDue(bus, (at) => sweeper?.due(at)))
    const reconcile = createReconciler({ ...options, attempts, found })
    const lease = keepNodeLease({
      ...options,
      times,
      lost: () => attempts.abandonAll(),
      async renewed(running) {
        await reconcile(running)
        claims?.wake()
      },
    })
    resources.use(lease)
    sweeper = resources.use(startSweeper({ ...options, everyMs: sweepMs, found }))
    claims = startClaimLoop({
      ...options,
      // Who has lost the lease would claim jobs that others may take at once.
      room: () => (lease.held ? line.room(attempts.waiting) : 0),
      begin: (job) => attempts.start(job),
    })
    resources.use(line)
    resources.defer(pool.onFree(() => claims?.wake()))
  }

  async function drain(drainMs: number): Promise<void> {
    await within(handBackMs, claims?.stop())
    line.close()
    await within(drainMs, attempts.allEnded())
    attempts.handBackAll()
    await within(handBackMs, attempts.allEnded())
    attempts.abandonAll()
    await resources.disposeAsync()
    await leave(options, nodeId)
  }

  return {
    start,
    stop: (drainMs) => (stopped ??= drain(drainMs)),
    async [Symbol.asyncDispose]() {
      await (stopped ??= drain(0))
    },
  }
}

/** Whether only so many jobs of its task may run at once. */
function isLimited(tasks: TaskCatalogue, { task }: Job): boolean {
  return (tasks.find(task)?.concurrency ?? null) !== null
}

async function enter(options: RunnerOptions, leaseMs: number): Promise<void> {
  const { store, nodeId, exclusive, queue } = options
  await store.write(async ({ nodes }) => {
    if (exclusive) await nodes.removeOthers(nodeId)
    await nodes.renew(nodeId, leaseMs)
  })
  while ((await sweep(options)) > 0) queue.announce()
}

async function leave({ store, logger }: RunnerOptions, nodeId: string): Promise<void> {
  try {
    await store.write(({ nodes }) => nodes.remove(nodeId))
  } catch (error) {
    logger.warn({ nodeId, error: String(error) }, 'The node could not be taken out; its lease will run out.')
  }
}

/** Waits for the promise, but no longer than so many ms. */
async function within(ms: number, promise: Promise<void> | undefined): Promise<void> {
  const timeUp = new AbortController()
  await Promise.race([promise, sleep(ms, undefined, { signal: timeUp.signal }).catch(() => undefined)])
  timeUp.abort()
}
