import type { ChaosTask } from '../../chaos/chaos-tasks.ts'
import type { Evidence } from '../../chaos/checks/check.ts'
import type { Frame, Observation, Wish } from '../../chaos/history.ts'
import type { RestingJob, RestingTopic } from '../../chaos/resting-record.ts'
import type { Job, JobAttempt, JobEvent } from '../../../src/core/job.ts'

/** The same, but it may be written to: a test plants a fault. */
export type Draft<T> = T extends (...parameters: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Draft<T[Key]> }
      : T

type Told = Partial<Job> & { readonly event?: 'JobPartial'; readonly data?: unknown }

const epoch = 'epoch-of-all'

/** A job as its log tells it, from its first event to its last. */
function restingJob(id: string, entered: Partial<Job>, told: readonly Told[]): RestingJob {
  let job: Job = { ...newJob(id), ...entered }
  const events: RestingTopic['events'][number][] = []
  for (const [index, { event = 'JobStateChanged', data, ...change }] of told.entries()) {
    const at = 100 + index
    const isEnd = index === told.length - 1
    job = { ...job, ...change, ...(isEnd && { finishedAt: at }) }
    // Of the other types none is told here.
    const body = { type: event, at, job, ...(event === 'JobPartial' && { data }) } as JobEvent
    events.push({ offset: index + 1, last: isEnd, body })
  }
  return {
    job,
    input: '{"seed":7}',
    output: job.state === 'SUCCEEDED' ? `{"token":"run of ${job.memoizedFrom ?? id}","seed":7}` : null,
    attempts: [],
    topic: { epoch, head: events.length, closed: true, events },
  }
}

function newJob(id: string): Job {
  return {
    id,
    ownerId: 'ada',
    task: 'work',
    taskVersion: '1',
    state: 'QUEUED',
    fence: 0,
    priority: 0,
    attempts: 0,
    losses: 0,
    nodeId: null,
    createdAt: 90,
    runAt: 90,
    expiresAt: null,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    progress: null,
    error: null,
    idempotencyKey: `key of ${id}`,
    inputHash: 'hash',
    memoKey: null,
    memoizedFrom: null,
    retryOf: null,
    tags: [],
  }
}

function attempt(jobId: string, fence: number, outcome: JobAttempt['outcome'], error: Job['error'] = null): JobAttempt {
  return { jobId, fence, nodeId: 'node', startedAt: 100, finishedAt: 101, outcome, error, cpuMs: 1 }
}

const failure = { code: 'TASK_ERROR', message: 'No.' } as const

const succeeded: RestingJob = {
  ...restingJob('succeeded', {}, [
    { state: 'QUEUED' },
    { state: 'RUNNING', fence: 1 },
    { event: 'JobPartial', data: { index: 0 } },
    { state: 'SUCCEEDED' },
  ]),
  attempts: [attempt('succeeded', 1, 'SUCCEEDED')],
}
const cancelled: RestingJob = {
  ...restingJob('cancelled', { priority: 100 }, [
    { state: 'QUEUED' },
    { state: 'RUNNING', fence: 1 },
    { state: 'QUEUED', losses: 1 },
    { state: 'RUNNING', fence: 2 },
    { cancelRequestedAt: 104 },
    { state: 'CANCELLED' },
  ]),
  attempts: [attempt('cancelled', 1, 'LOST'), attempt('cancelled', 2, 'CANCELLED')],
}
const failed: RestingJob = {
  ...restingJob('failed', {}, [
    { state: 'QUEUED' },
    { state: 'RUNNING', fence: 1 },
    { state: 'SCHEDULED', attempts: 1, error: failure, runAt: 103 },
    { state: 'QUEUED' },
    { state: 'RUNNING', fence: 2 },
    { state: 'FAILED', attempts: 2 },
  ]),
  input: '{"seed":7,"fails":true}',
  attempts: [attempt('failed', 1, 'FAILED', failure), attempt('failed', 2, 'FAILED', failure)],
}
const expired = restingJob('expired', { expiresAt: 101, runAt: 100, retryOf: 'failed' }, [
  { state: 'SCHEDULED' },
  { state: 'EXPIRED' },
])
const remembered: RestingJob = {
  ...restingJob('remembered', { task: 'pure' }, [
    { state: 'QUEUED' },
    { state: 'RUNNING', fence: 1 },
    { state: 'SUCCEEDED' },
  ]),
  attempts: [attempt('remembered', 1, 'SUCCEEDED')],
}
const given = restingJob('given', { task: 'pure', memoizedFrom: 'remembered' }, [{ state: 'SUCCEEDED' }])
const jobs: readonly RestingJob[] = [
  succeeded,
  cancelled,
  failed,
  { ...expired, input: failed.input },
  remembered,
  given,
]

const wishOf = ({ job, input }: RestingJob): Wish => ({
  owner: job.ownerId,
  key: job.idempotencyKey ?? '',
  task: job.task,
  input: JSON.parse(input),
  retryOf: job.retryOf,
})

const frame = (offset: number, told: Pick<Frame, 'event' | 'state'> & Partial<Frame>): Frame => ({
  type: 'frame',
  stream: 1,
  jobId: 'succeeded',
  position: { epoch, offset },
  opening: null,
  ...told,
})

const history: readonly Observation[] = [
  ...jobs.map((resting): Observation => {
    const { id: jobId, state } = resting.job
    return {
      type: 'accepted',
      wish: wishOf(resting),
      jobId,
      state: state === 'SUCCEEDED' ? 'QUEUED' : state,
      askedAt: 0,
    }
  }),
  { type: 'refused', wish: { ...wishOf(succeeded), key: 'too many' }, code: 'QUOTA_EXCEEDED', unanswered: 0 },
  { type: 'refused', wish: { ...wishOf(succeeded), input: { seed: 8 } }, code: 'IDEMPOTENCY_CONFLICT', unanswered: 0 },
  { type: 'cancelAnswered', jobId: 'cancelled', state: 'RUNNING', cancelRequested: true, askedAt: 0 },
  frame(1, { event: 'JobSnapshot', state: 'QUEUED', opening: { status: 'fresh', gap: false } }),
  frame(2, { event: 'JobStateChanged', state: 'RUNNING' }),
  frame(3, { event: 'JobPartial', state: 'RUNNING', opening: { status: 'recovered', gap: false } }),
  frame(4, { event: 'JobStateChanged', state: 'SUCCEEDED' }),
  { type: 'streamEnded', stream: 1, jobId: 'succeeded' },
  { type: 'read', jobId: 'succeeded', state: 'SUCCEEDED', askedAt: 13 },
  { type: 'stopped', signal: 'SIGKILL', code: null },
  { type: 'stopped', signal: 'SIGTERM', code: 0 },
  { type: 'struck', by: 'killMember', nodes: ['node'], at: 100, withinMs: 5 },
  { type: 'ending', at: 200 },
  { type: 'orphaned', ms: 3 },
]

const work: ChaosTask = {
  attempts: 2,
  pure: false,
  partials: () => 1,
  endsWith: (input) => (JSON.stringify(input).includes('fails') ? ['TASK_ERROR'] : [null]),
}
const pure: ChaosTask = { attempts: 1, pure: true, partials: () => 0, endsWith: () => [null] }
const tasks: ReadonlyMap<string, ChaosTask> = new Map(Object.entries({ work, pure }))

/** A run in which everything went as it may: each kind of end, a cut stream, a server that was killed. */
export function legalEvidence(): Evidence {
  return {
    tasks,
    history,
    isCutOff: false,
    record: {
      jobs,
      faults: [],
      runs: ['succeeded', 'cancelled', 'cancelled', 'failed', 'failed', 'remembered'].map((jobId, index) => ({
        jobId,
        token: jobId === 'cancelled' || jobId === 'failed' ? `run ${index}` : `run of ${jobId}`,
      })),
      files: {
        litter: [],
        blobs: ['blob'],
        named: ['blob'],
        written: [{ jobId: 'succeeded', fence: 1, artifactId: 'file' }],
      },
    },
  }
}
