import type { Job } from '../../core/job.ts'
import { within } from '../../core/within.ts'
import type { Bus } from '../../ports/bus.ts'
import type { ComputePool } from '../../ports/compute-pool.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { AttemptOptions } from './attempt.ts'
import { hearCancels } from './cancel-channel.ts'
import { type BlobClearer, type BlobClearing, createBlobClearer } from './clear-blobs.ts'
import { type ClaimLoop, startClaimLoop } from './claim-loop.ts'
import { hearDue } from './due-channel.ts'
import { createUnwantedFailing } from './fail-unwanted.ts'
import { announceGone, hearGone } from './node-channel.ts'
import { keepNodeLease, type LeaseTimes, leaseTimes, type NodeLease } from './node-lease.ts'
import { createReconciler } from './reconcile.ts'
import { createRunningAttempts, type RunningAttempts } from './running-attempts.ts'
import { createStartLine } from './start-line.ts'
import { sweep } from './sweep.ts'
import { type Sweeper, startSweeper } from './sweeper.ts'
import type { TaskCatalogue } from './task-catalogue.ts'
import { type TaskHomes, versionsOf } from './task-homes.ts'

export interface RunnerOptions extends Omit<AttemptOptions, 'line' | 'clearer'>, BlobClearing {
  readonly pool: ComputePool
  readonly queue: JobQueue
  readonly bus: Bus
  /** The node under which `queue` claims. New at each start of the process. */
  readonly nodeId: string
  /** `null` where nobody else works on the store (its folder is locked): running jobs of other nodes are then taken back at once. */
  readonly homes: TaskHomes | null
  readonly times?: LeaseTimes
  /** About how many ms lie between two looks for jobs of nodes that are gone. */
  readonly sweepMs?: number
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
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
  /** Says that this process will stand still for about so many ms: see `NodeLease`. Call the result when it is over. */
  pause(ms: number): Promise<() => void>
}

/** How long tasks may take to stop when their jobs are handed back; the pool ends their threads well before. */
const handBackMs = 15_000

/** How long the others may take to be told that the node goes, in ms: where that cannot be written they find out by its lease. */
const farewellMs = 2_000

const noTasks: ReadonlyMap<string, string> = new Map()

/** A runner that does nothing before `start`. */
export function createRunner(options: RunnerOptions): Runner {
  const { queue, bus, pool, tasks, nodeId, times = leaseTimes, sweepMs = 1000 } = options
  const found = () => queue.announce()
  const line = createStartLine(pool, { isAlone: options.homes === null })
  const clearer = createBlobClearer(options)
  const attempts = createRunningAttempts({ ...options, line, clearer }, (job) => {
    // Of a task that only so many jobs may run of, another may begin now, on whichever node.
    if (job !== null && (job.state === 'QUEUED' || isLimited(tasks, job))) found()
    if (job?.state === 'SCHEDULED') sweeper?.due(job.runAt)
    claims?.wake()
  })
  const resources = new AsyncDisposableStack()
  let claims: ClaimLoop | null = null
  let lease: NodeLease | null = null
  let sweeper: Sweeper | null = null
  let stopped: Promise<void> | null = null
  const tasksNow = () => (stopped === null ? versionsOf(tasks) : noTasks)

  async function start(): Promise<void> {
    const lookAround = await enter({ ...options, clearer }, times.leaseMs)
    resources.defer(await hearCancels(bus, (jobId) => void attempts.cancelIfAsked(jobId)))
    resources.defer(await hearDue(bus, (at) => sweeper?.due(at)))
    resources.defer(await hearGone(bus, () => sweeper?.sweepNow()))
    const reconciler = createReconciler({ ...options, clearer, attempts, found })
    const kept = keepNodeLease({
      ...options,
      times,
      tasksNow,
      lost: (cause) => reconciler.letGo(cause),
      renewed: (running) => reconciler.reconcile(running).then(() => claims?.wake()),
    })
    lease = resources.use(kept)
    sweeper = resources.use(
      startSweeper({ ...options, clearer, everyMs: sweepMs, found, lookAround, isSteady: kept.isSteady }),
    )
    claims = startClaimLoop({
      ...options,
      // Who has lost the lease would claim jobs that others may take at once.
      room: () => (kept.held ? line.room(attempts.waiting) : 0),
      begin: (job) => attempts.start(job),
    })
    resources.use(line)
    resources.defer(pool.onFree(() => claims?.wake()))
  }

  async function drain(drainMs: number): Promise<void> {
    const retired = claims === null ? undefined : retire(options, times.leaseMs)
    await within(handBackMs, claims?.stop())
    line.close()
    await endAll(attempts, drainMs)
    await Promise.all([within(farewellMs, retired), resources.disposeAsync()])
    await within(handBackMs, clearer[Symbol.asyncDispose]())
    await within(farewellMs, leave(options, nodeId))
  }

  const stop = (drainMs: number) => (stopped ??= drain(drainMs))
  const pause = async (ms: number) => (await lease?.pause(ms)) ?? (() => {})
  return { start, stop, pause, [Symbol.asyncDispose]: () => stop(0) }
}

/** Whether only so many jobs of its task may run at once. */
function isLimited(tasks: TaskCatalogue, { task }: Job): boolean {
  return (tasks.find(task)?.concurrency ?? null) !== null
}

/** Lets the attempts finish for so many ms, hands the rest back, and lets go of those that do not stop. */
async function endAll(attempts: RunningAttempts, drainMs: number): Promise<void> {
  await within(drainMs, attempts.allEnded())
  attempts.handBackAll()
  await within(handBackMs, attempts.allEnded())
  attempts.abandonAll()
}

/** What a node of several does about the others' tasks, about each second. */
function lookingAround(options: RunnerOptions): () => Promise<void> {
  const { homes, queue } = options
  if (homes === null) return async () => undefined
  const failUnwanted = createUnwantedFailing(options)
  return async () => {
    // What was left to a node that is gone may be for this one now.
    if (await homes.look()) queue.announce()
    await failUnwanted()
  }
}

/** Answers what is to be done before each sweep from now on. */
async function enter(
  options: RunnerOptions & { readonly clearer: BlobClearer },
  leaseMs: number,
): Promise<() => Promise<void>> {
  const { store, nodeId, homes, tasks, queue } = options
  const lookAround = lookingAround(options)
  await lookAround()
  await store.write(async ({ nodes }) => {
    if (homes === null) await nodes.removeOthers(nodeId)
    await nodes.renew(nodeId, leaseMs, versionsOf(tasks))
  })
  // Who has just come knows nothing of the others' leases.
  while ((await sweep({ ...options, isSteady: () => false })) > 0) queue.announce()
  return lookAround
}

/** Tells the other nodes that none of the jobs that wait is for this one any more. They find out by themselves when it has left. */
async function retire({ store, bus, nodeId }: RunnerOptions, leaseMs: number): Promise<void> {
  try {
    await store.write(({ nodes }) => nodes.renew(nodeId, leaseMs, noTasks))
    announceGone(bus, nodeId)
  } catch {
    // Leaving will say what is wrong with the store.
  }
}

async function leave({ store, bus, logger }: RunnerOptions, nodeId: string): Promise<void> {
  try {
    await store.write(({ nodes }) => nodes.remove(nodeId))
    announceGone(bus, nodeId)
  } catch (error) {
    logger.warn({ nodeId, error: String(error) }, 'The node could not be taken out; its lease will run out.')
  }
}
