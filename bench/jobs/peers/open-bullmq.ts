import { Queue, QueueEvents, Worker } from 'bullmq'
import { inBatches, type JobSystem } from '../job-system.ts'
import { computeFibonacci } from './compute-fibonacci.ts'
import { createCountedEnds } from './counted-ends.ts'
import { createNoop } from './noop.ts'

/** BullMQ as its guide has it for throughput: `addBulk`, many jobs at once, what is done removed. */
export async function openBullmq(redisPort: number): Promise<JobSystem> {
  const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }
  const defaultJobOptions = { removeOnComplete: true, removeOnFail: true }
  const queue = new Queue('bench', { connection, defaultJobOptions })
  const events = new QueueEvents('bench', { connection })
  const noop = createNoop()
  const ends = createCountedEnds()
  const worker = new Worker(
    'bench',
    async (job) => (job.name === 'fibonacci' ? computeFibonacci(Number(job.data)) : noop.run()),
    { connection, concurrency: 100 },
  )
  worker.on('completed', () => ends.tell())
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()])
  return {
    name: 'BullMQ',
    outlives: 'the processes; of a crash of Redis all but the last second (appendfsync everysec)',
    runsIn: 'the event loop',
    async runNoops(count) {
      const all = ends.wait(count)
      await inBatches(count, (size) => queue.addBulk(Array.from({ length: size }, () => ({ name: 'noop', data: {} }))))
      await all
    },
    async startNoop() {
      const [over, started] = [ends.wait(1), noop.begins()]
      await queue.add('noop', {})
      await over
      return started
    },
    async runFibonacci() {
      const job = await queue.add('fibonacci', 10)
      await job.waitUntilFinished(events)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([worker.close(), queue.close(), events.close()])
    },
  }
}
