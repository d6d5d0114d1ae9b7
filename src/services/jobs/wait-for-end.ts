import type { Clock } from '../../core/clock.ts'
import { isTerminal, type Job } from '../../core/job.ts'
import type { Hub, TopicStream } from '../streams/stream.ts'
import { readJobEvent } from './job-log.ts'
import { jobStream } from './job-stream.ts'

/**
 * The job as it is when it has ended, or when so many ms are over. It hears of the end as any subscriber does. Never throws:
 * the job is entered, and whatever ends the waiting (the server shuts down) does not change that.
 */
export async function waitForEnd(hub: Hub, clock: Clock, job: Job, waitMs: number): Promise<Job> {
  const timeUp = Promise.withResolvers<void>()
  const timer = setTimeout(timeUp.resolve, waitMs)
  let latest = job
  let over = false
  let stream: TopicStream | null = null

  async function follow(): Promise<void> {
    stream = await hub.open({ ...jobStream(job.id, clock), resume: null })
    // `return()` wakes the wait; one that opened too late is not read at all.
    if (over) await stream.return()
    for await (const { body } of stream) {
      latest = readJobEvent(body).job
      if (isTerminal(latest.state)) return
    }
  }

  await Promise.race([follow().catch(() => undefined), timeUp.promise])
  over = true
  clearTimeout(timer)
  await close(stream)
  return latest
}

async function close(stream: TopicStream | null): Promise<void> {
  await stream?.return()
}
