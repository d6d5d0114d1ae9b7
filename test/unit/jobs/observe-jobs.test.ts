import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/core/job.ts'
import type { Meter } from '../../../src/ports/meter.ts'
import { createAttemptCosts } from '../../../src/services/jobs/attempt-costs.ts'
import { observeJobs } from '../../../src/services/jobs/observe-jobs.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'

const queued: Job = {
  id: 'job_1',
  ownerId: 'usr_1',
  task: 'known',
  taskVersion: '1',
  state: 'QUEUED',
  fence: 0,
  priority: 0,
  attempts: 0,
  losses: 0,
  nodeId: null,
  createdAt: 1_000,
  runAt: 1_000,
  expiresAt: null,
  startedAt: null,
  finishedAt: null,
  cancelRequestedAt: null,
  progress: null,
  error: null,
  idempotencyKey: null,
  inputHash: '',
  memoKey: null,
  memoizedFrom: null,
  retryOf: null,
  tags: [],
}

function open() {
  const logger = collectingLogger()
  const told: string[] = []
  const meter: Meter = {
    count: (name, labels) => void told.push(`${name} ${Object.values(labels).join(' ')}`),
    observe: (name, labels, seconds) => void told.push(`${name} ${Object.values(labels).join(' ')} ${seconds}`),
  }
  const costs = createAttemptCosts()
  const tasks = { find: (name: string) => (name === 'known' ? ({} as never) : null) } // only whether it is there
  const observe = observeJobs({ tasks, meter, logger, costs })
  const change = (at: number, job: Job) => {
    const body = { type: 'JobStateChanged', at, job }
    observe([{ topic: `job:${job.id}`, epoch: 'e', offset: 1, body, last: false }])
  }
  return { logger, costs, observe, change, told }
}

const running: Job = { ...queued, state: 'RUNNING', fence: 1, startedAt: 3_000, nodeId: 'node_1' }

describe('what is seen of jobs', () => {
  it('is each state once, how long they waited and ran, and a line at the end', () => {
    const { change, told, costs, logger } = open()
    change(1_000, queued)
    change(3_000, running)
    // Its cancel was asked for: it runs as before.
    change(4_000, { ...running, cancelRequestedAt: 4_000 })
    costs.note('job_1', 12.4)
    const error = { code: 'TIMEOUT', message: 'It told secrets.' } as const
    change(8_000, { ...running, state: 'FAILED', attempts: 1, finishedAt: 8_000, error })
    expect(told).toEqual([
      'millrace_jobs_total known QUEUED',
      'millrace_jobs_total known RUNNING',
      'millrace_job_wait_seconds known 2',
      'millrace_jobs_total known FAILED',
      'millrace_job_run_seconds known 5',
    ])
    expect(logger.lines).toEqual([
      {
        level: 'info',
        fields: {
          jobId: 'job_1',
          task: 'known',
          ownerId: 'usr_1',
          state: 'FAILED',
          failedAttempts: 1,
          waitedMs: 2_000,
          ranMs: 5_000,
          cpuMs: 12,
          code: 'TIMEOUT',
        },
        message: 'job known 5000 ms FAILED TIMEOUT',
      },
    ])
  })

  it('is an attempt that was put back, whose job does not say when it began', () => {
    const { change, told, logger } = open()
    change(3_000, running)
    change(5_000, { ...queued, fence: 1 })
    change(9_000, { ...running, fence: 2, startedAt: 9_000 })
    // Since when it waited again is not known.
    expect(told).toEqual([
      'millrace_jobs_total known RUNNING',
      'millrace_job_wait_seconds known 2',
      'millrace_jobs_total known QUEUED',
      'millrace_job_run_seconds known 2',
      'millrace_jobs_total known RUNNING',
    ])
    expect(logger.lines).toEqual([])
  })

  it('is other for a task that is not loaded', () => {
    const { change, told } = open()
    change(1_000, { ...queued, task: 'made up' })
    expect(told).toEqual(['millrace_jobs_total other QUEUED'])
  })

  it('is nothing of other topics and events', () => {
    const { observe, logger, told } = open()
    const at = { epoch: 'e', offset: 1, last: false }
    const job = { ...running, state: 'SUCCEEDED' }
    observe([{ ...at, topic: 'jobs:usr_1', body: { type: 'JobStateChanged', at: 1, job } }])
    observe([{ ...at, topic: 'job:job_1', body: { type: 'JobProgressed', at: 1, job } }])
    expect([...logger.lines, ...told]).toEqual([])
  })
})
