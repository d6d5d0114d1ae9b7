import type { Worker } from 'node:worker_threads'
import { within } from '../../core/within.ts'
import type { PoolThreadMemory } from '../../ports/compute-pool.ts'
import type { ThreadRoster } from './thread-roster.ts'

/** What is asked of a thread, as narrowly as it is used. */
export type AskedWorker = Pick<Worker, 'threadId' | 'getHeapStatistics' | 'startHeapProfile'>

/** How long a thread may take to answer, also one that spins, and to collect its garbage, in ms. */
const answerWithinMs = 1_000
const collectWithinMs = 10_000

/** Asks threads for their memory. */
export interface ThreadMemoryReader {
  /** Of all that answer within a second, asked at once. */
  read(workers: readonly AskedWorker[]): Promise<readonly PoolThreadMemory[]>
  /** Has a thread collect its garbage first; `null` where it cannot, or does not within 10 seconds. */
  collect(worker: AskedWorker): Promise<PoolThreadMemory | null>
}

/** A thread that native code holds answers nothing until that lets go: it is not asked again while a question is open. */
export function createThreadMemoryReader(roster: ThreadRoster): ThreadMemoryReader {
  const asked = new WeakSet<AskedWorker>()

  /** `null` for what fails, because the thread has ended or cannot do it, and for what comes too late. */
  async function ask<Answer>(worker: AskedWorker, question: () => Promise<Answer>, ms: number): Promise<Answer | null> {
    if (asked.has(worker)) return null
    asked.add(worker)
    const answered = question()
      .catch(() => null)
      .finally(() => asked.delete(worker))
    return within(ms, answered, null, { keepsAlive: false })
  }

  async function readOne(worker: AskedWorker): Promise<PoolThreadMemory | null> {
    // An ended thread has this no more.
    const { threadId } = worker
    const heap = await ask(worker, () => worker.getHeapStatistics(), answerWithinMs)
    if (heap === null) return null
    const { task = null, recentTasks = [], runs = 0 } = roster.read(threadId) ?? {}
    return {
      threadId,
      task,
      recentTasks,
      runs,
      heapUsed: heap.used_heap_size,
      heapTotal: heap.total_heap_size,
      heapLimit: heap.heap_size_limit,
      external: heap.external_memory,
    }
  }

  return {
    async read(workers) {
      const answers = await Promise.all(workers.map(readOne))
      return answers.filter((memory) => memory !== null)
    },
    async collect(worker) {
      const isCollected = await ask(worker, () => collectIn(worker), collectWithinMs)
      return isCollected === null ? null : readOne(worker)
    },
  }
}

/** Larger than any heap: nothing is sampled. */
const neverSample = 2 ** 40

/** The one way to have another thread collect its garbage: the end of a profile can ask for it. Rejects before Node 24.9. */
async function collectIn(worker: AskedWorker): Promise<true> {
  const profile = await worker.startHeapProfile({ sampleInterval: neverSample, stackDepth: 1, forceGC: true })
  await profile.stop()
  return true
}
