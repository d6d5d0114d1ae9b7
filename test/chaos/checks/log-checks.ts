import { isTerminal, type Job, type JobEvent, type JobState } from '../../../src/core/job.ts'
import { entrances, transitions } from '../../../src/core/job-transitions.ts'
import type { Check } from './check.ts'

/** What the log tells of each job, against the table of transitions and against the ledger. */
export const logChecks = {
  logIsDense: {
    sentence: 'The log of a job is dense from its first event to the head, and closed with the event of its end.',
    *find({ record }) {
      for (const { job, topic } of record.jobs) {
        if (topic === null) {
          yield `${job.id} has no topic.`
          continue
        }
        const { events, head, closed } = topic
        const isDense = events.every(({ offset }, index) => offset === index + 1) && events.length === head
        if (!isDense) yield `The log of ${job.id} holds ${events.map(({ offset }) => offset).join(', ')} of ${head}.`
        const lasts = events.filter(({ last }) => last).map(({ offset }) => offset)
        const expected = isTerminal(job.state) ? [head] : []
        if (lasts.join() !== expected.join() || closed !== expected.length > 0) {
          yield `The log of ${job.id}, which is ${job.state}, is ${closed ? 'closed' : 'open'} with an end at ${lasts.join() || 'none'}.`
        }
      }
    },
  },

  walksAreLegal: {
    sentence: 'The states that the log tells are a walk through the table of transitions.',
    *find({ record }) {
      for (const { job, topic } of record.jobs) {
        let before: JobEvent | null = null
        for (const { offset, body } of topic?.events ?? []) {
          if (!isStep(before, body)) {
            yield `${job.id} goes from ${before?.job.state ?? 'nothing'} to ${body.job.state} by ${body.type} at event ${offset}.`
          }
          before = body
        }
      }
    },
  },

  countsFollow: {
    sentence: 'A failure is counted when an attempt fails, a loss when one is lost, and nothing at any other time.',
    *find({ record }) {
      for (const { job, topic } of record.jobs) {
        let before: Job | null = null
        for (const { offset, body } of topic?.events ?? []) {
          const counted =
            before === null ? [0, 0] : [body.job.attempts - before.attempts, body.job.losses - before.losses]
          const step = before === null ? 'entered' : `${before.state} ${body.job.state}`
          const allowed = countsOf[step] ?? [[0, 0]]
          if (!allowed.some((counts) => counts.join() === counted.join())) {
            yield `${job.id} counts ${counted.join(' failures and ')} losses by ${step} at event ${offset}.`
          }
          before = body.job
        }
      }
    },
  },

  logAndLedgerAgree: {
    sentence: 'The last event of a job tells it as the ledger has it.',
    *find({ record }) {
      for (const { job, topic } of record.jobs) {
        const told = topic?.events.at(-1)?.body.job
        if (told === undefined) yield `Nothing is told of ${job.id}.`
        else if (facts(told) !== facts(job)) yield `${job.id} is told as ${facts(told)}, and is ${facts(job)}.`
      }
    },
  },

  nothingRunsEarly: {
    sentence: 'No job is claimed before its time, or when it has expired.',
    *find({ record }) {
      for (const { job, topic } of record.jobs) {
        let before: JobState | null = null
        for (const { offset, body } of topic?.events ?? []) {
          const isClaim = body.job.state === 'RUNNING' && before !== 'RUNNING'
          before = body.job.state
          if (!isClaim) continue
          if (body.at < body.job.runAt) yield `${job.id} was claimed ${body.job.runAt - body.at} ms early at ${offset}.`
          if (body.job.expiresAt !== null && body.at >= body.job.expiresAt) {
            yield `${job.id} was claimed ${body.at - body.job.expiresAt} ms after it expired at ${offset}.`
          }
        }
      }
    },
  },

  partialsAreInOrder: {
    sentence: 'The partial results of an attempt come in order, none lacks, and those of a success are complete.',
    *find({ record, tasks }) {
      for (const { job, input, topic } of record.jobs) {
        const counts = new Map<number, number>()
        for (const { offset, body } of topic?.events ?? []) {
          if (body.type !== 'JobPartial') continue
          const count = counts.get(body.job.fence) ?? 0
          counts.set(body.job.fence, count + 1)
          if (indexOf(body.data) !== count)
            yield `${job.id} tells of part ${indexOf(body.data)} at ${offset}, not ${count}.`
        }
        const whole = tasks.get(job.task)?.partials(JSON.parse(input)) ?? 0
        const told = counts.get(job.fence) ?? 0
        if (job.state === 'SUCCEEDED' && job.memoizedFrom === null && told !== whole) {
          yield `${job.id} succeeded with ${told} of ${whole} parts.`
        }
      }
    },
  },
} as const satisfies Record<string, Check>

/** By the states before and after: how many failures and losses may be counted. Nothing where a step is not named. */
const countsOf: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'RUNNING SCHEDULED': [[1, 0]],
  'RUNNING QUEUED': [
    [0, 1],
    [0, 0],
  ],
  'RUNNING FAILED': [
    [1, 0],
    [0, 1],
    [0, 0],
  ],
}

function isStep(before: JobEvent | null, { type, job }: JobEvent): boolean {
  if (type === 'JobSnapshot') return false
  if (before === null) return type === 'JobStateChanged' && Object.values(entrances).some(({ to }) => to === job.state)
  const from = before.job.state
  if (type !== 'JobStateChanged') return from === 'RUNNING' && job.state === 'RUNNING' && job.fence === before.job.fence
  // A cancel that is asked for is told without a change of the state.
  if (from === 'RUNNING' && job.state === 'RUNNING') {
    return before.job.cancelRequestedAt === null && job.cancelRequestedAt !== null && job.fence === before.job.fence
  }
  const raised = job.state === 'RUNNING' ? 1 : 0
  if (job.fence !== before.job.fence + raised) return false
  // Widened, so that every state can be looked for.
  const steps: readonly { readonly from: readonly JobState[]; readonly to: JobState }[] = Object.values(transitions)
  return steps.some((step) => step.to === job.state && step.from.includes(from))
}

/** What must be told of a job; times and the rest follow from it. */
function facts({ state, fence, attempts, losses, finishedAt, cancelRequestedAt, error }: Job): string {
  return JSON.stringify({ state, fence, attempts, losses, finishedAt, cancelRequestedAt, error })
}

function indexOf(data: unknown): number | null {
  return typeof data === 'object' && data !== null && 'index' in data ? Number(data.index) : null
}
