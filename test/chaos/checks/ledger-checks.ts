import { isTerminal, type Job, type JobAttempt } from '../../../src/core/job.ts'
import { type Check, jobsById } from './check.ts'

/** So often may a job lose its process or thread: then the job itself is suspected. */
const mostLosses = 3

/** What the rows of the ledger say, each by itself and about each other. */
export const ledgerChecks = {
  nothingIsLeft: {
    sentence: 'At rest no job waits or runs, and no attempt is open.',
    *find({ record }) {
      for (const { job, attempts } of record.jobs) {
        if (!isTerminal(job.state)) yield `${job.id} is ${job.state} with nothing to wait for.`
        else if (job.finishedAt === null) yield `${job.id} is ${job.state} and has not finished.`
        for (const { fence, outcome, finishedAt } of attempts) {
          if (outcome === null || finishedAt === null) yield `The attempt ${fence} of ${job.id} has not ended.`
        }
      }
    },
  },

  oneJobPerKey: {
    sentence: 'An owner has one job for a task and a key.',
    *find({ record }) {
      const keyed = record.jobs.filter(({ job }) => job.idempotencyKey !== null)
      const named = Map.groupBy(keyed, ({ job }) => `${job.ownerId} ${job.task} ${job.idempotencyKey}`)
      for (const [name, jobs] of named) {
        if (jobs.length > 1) yield `${name} is the key of ${jobs.map(({ job }) => job.id).join(' and ')}.`
      }
    },
  },

  fencesRise: {
    sentence: 'The fence rises with every claim and never falls.',
    *find({ record }) {
      for (const { job, attempts, topic } of record.jobs) {
        const fences = attempts.map(({ fence }) => fence)
        const risen = fences.every((fence, index) => fence === index + 1)
        if (!risen || fences.length !== job.fence) {
          yield `${job.id} has the fence ${job.fence} and attempts with ${fences.join(', ') || 'none'}.`
        }
        let held = 0
        for (const { offset, body } of topic?.events ?? []) {
          if (body.job.fence < held) yield `The fence of ${job.id} falls to ${body.job.fence} at event ${offset}.`
          held = body.job.fence
        }
      }
    },
  },

  limitsHold: {
    sentence: 'Attempts stay within the policy of the task, losses within three, and both are what the attempts say.',
    *find({ record, tasks }) {
      for (const { job, attempts } of record.jobs) {
        const most = tasks.get(job.task)?.attempts
        if (most !== undefined && job.attempts > most)
          yield `${job.id} failed ${job.attempts} times of at most ${most}.`
        if (job.losses > mostLosses) yield `${job.id} was lost ${job.losses} times.`
        const failures = attempts.filter(isCounted).length
        const losses = attempts.filter(({ outcome }) => outcome === 'LOST').length
        if (failures !== job.attempts || losses !== job.losses) {
          const told = `${job.attempts} failures and ${job.losses} losses`
          yield `${job.id} tells of ${told}, its attempts of ${failures} and ${losses}.`
        }
      }
    },
  },

  endsHaveReasons: {
    sentence: 'A job ends in a way that its input, its owner or what happened to it can explain.',
    *find({ record, tasks }) {
      for (const { job, input } of record.jobs) {
        const allowed = tasks.get(job.task)?.endsWith(JSON.parse(input)) ?? []
        const why = inexplicable(job, allowed)
        if (why !== null) yield `${job.id} (${job.task}) ${why}`
      }
    },
  },

  relationsHold: {
    sentence:
      'A job names only ended jobs of its owner, task and input as the one it does again or has its result from.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const { job, input } of evidence.record.jobs) {
        for (const id of [job.retryOf, job.memoizedFrom]) {
          if (id === null) continue
          const named = jobs.get(id)
          const isSame = named?.job.ownerId === job.ownerId && named.job.task === job.task && named.input === input
          if (!isSame || !isTerminal(named.job.state)) {
            yield `${job.id} names ${id}, which is no ended job of its owner, task and input.`
          }
        }
      }
    },
  },
} as const satisfies Record<string, Check>

function isCounted({ outcome, error }: JobAttempt): boolean {
  return outcome === 'FAILED' && (error?.code === 'TASK_ERROR' || error?.code === 'TIMEOUT')
}

function inexplicable(job: Job, allowed: readonly (string | null)[]): string | null {
  switch (job.state) {
    case 'SUCCEEDED':
      return allowed.includes(null) ? null : 'succeeded, which its input does not allow.'
    case 'FAILED': {
      const code = job.error?.code ?? 'no code'
      if (code === 'CRASHED') return job.losses === mostLosses ? null : `crashed after ${job.losses} losses.`
      return allowed.some((one) => one === code) ? null : `failed with ${code}: ${job.error?.message}`
    }
    case 'CANCELLED':
      return job.cancelRequestedAt === null ? 'was cancelled by nobody.' : null
    case 'EXPIRED':
      return job.expiresAt !== null && (job.finishedAt ?? 0) >= job.expiresAt ? null : 'expired before its time.'
    default:
      return null
  }
}
