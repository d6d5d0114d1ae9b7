import { isTerminal, type JobState } from '../../../src/core/job.ts'
import { shownJob, type Wish } from '../history.ts'
import { type Check, type Evidence, jobsById, observed } from './check.ts'

/** What a client was told, and whether it was true. */
export const accountChecks = {
  acknowledgedJobsEnd: {
    sentence: 'Every acknowledged submit reaches exactly one terminal state.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const jobId of new Set(observed(evidence, 'accepted').map((one) => one.jobId))) {
        const state = jobs.get(jobId)?.job.state
        if (state === undefined) yield `${jobId} was acknowledged and is not in the ledger.`
        else if (!isTerminal(state)) yield `${jobId} was acknowledged and is still ${state}.`
      }
    },
  },

  sameKeySameJob: {
    sentence: 'The same key never gives two jobs.',
    *find(evidence) {
      for (const [key, accepted] of Map.groupBy(observed(evidence, 'accepted'), ({ wish }) => nameOf(wish))) {
        const ids = new Set(accepted.map(({ jobId }) => jobId))
        if (ids.size > 1) yield `The key ${key} gave ${[...ids].join(' and ')}.`
      }
    },
  },

  acceptedAsWished: {
    sentence:
      'An acknowledged job is the one that was asked for: owner, key, task, input and the job that it does again.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const { wish, jobId } of observed(evidence, 'accepted')) {
        const found = jobs.get(jobId)
        if (found === undefined) continue
        const { job, input } = found
        const kept: Wish = {
          owner: job.ownerId,
          key: job.idempotencyKey ?? 'no key',
          task: job.task,
          input: JSON.parse(input),
          retryOf: job.retryOf,
        }
        const asked = text(wish)
        if (text(kept) !== asked) yield `${jobId} is kept as ${text(kept)}, but ${asked} was asked for.`
      }
    },
  },

  refusedLeavesNothing: {
    sentence: 'A submit that was refused when it was sent for the first time, and not accepted later, leaves no job.',
    *find(evidence) {
      const accepted = new Set(observed(evidence, 'accepted').map(({ wish }) => nameOf(wish)))
      const kept = new Set(evidence.record.jobs.map(({ job }) => `${job.ownerId} ${job.task} ${job.idempotencyKey}`))
      for (const { wish, code, unanswered } of observed(evidence, 'refused')) {
        const name = nameOf(wish)
        // One that was sent before may have lain with a process that stood still, and have been read by it later.
        if (unanswered === 0 && code !== 'IDEMPOTENCY_CONFLICT' && !accepted.has(name) && kept.has(name)) {
          yield `The key ${name} was refused with ${code} and has a job.`
        }
      }
    },
  },

  conflictsAreTrue: {
    sentence: 'A key is in conflict only where another input has it.',
    *find(evidence) {
      const holders = new Map(
        evidence.record.jobs.map(({ job, input }) => [`${job.ownerId} ${job.task} ${job.idempotencyKey}`, input]),
      )
      for (const { wish, code } of observed(evidence, 'refused')) {
        const input = holders.get(nameOf(wish))
        if (code !== 'IDEMPOTENCY_CONFLICT') continue
        if (input === undefined || text(JSON.parse(input)) === text(wish.input)) {
          yield `The key ${nameOf(wish)} was refused as one in conflict, and no job has it with another input.`
        }
      }
    },
  },

  cancelsHold: {
    sentence: 'An acknowledged cancel ends CANCELLED, unless the job had ended before.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const { jobId, state, cancelRequested } of observed(evidence, 'cancelAnswered')) {
        if (isTerminal(state)) continue
        const end = jobs.get(jobId)?.job.state
        if (!cancelRequested) yield `The cancel of ${jobId} was answered with ${state}, and no cancel.`
        else if (end !== 'CANCELLED') yield `The cancel of ${jobId} was acknowledged while ${state}; it ended ${end}.`
      }
    },
  },

  endsAreFinal: {
    sentence: 'A terminal state is never left, in all that anybody ever saw.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      const shown = Map.groupBy(evidence.history.map(shownJob), (one) => one?.jobId)
      for (const [jobId, { at, state }] of firstEnds(evidence)) {
        const end = jobs.get(jobId)?.job.state
        if (end !== undefined && end !== state) yield `${jobId} was seen ${state} and ended ${end}.`
        for (const later of shown.get(jobId) ?? []) {
          if (later === null || later.askedAt <= at || later.state === state) continue
          yield `${jobId} was seen ${state}, and ${later.state} when it was asked for after that.`
        }
      }
    },
  },

  answersAreKnown: {
    sentence: 'Nobody gets an answer that there is no reason for.',
    *find(evidence) {
      for (const { what } of observed(evidence, 'unexpected')) yield what
    },
  },
} as const satisfies Record<string, Check>

function nameOf({ owner, task, key }: Wish): string {
  return `${owner} ${task} ${key}`
}

/** The jobs that were seen at an end, with the place in the history where that was first so. */
function firstEnds({ history }: Evidence): ReadonlyMap<string, { readonly at: number; readonly state: JobState }> {
  const ends = new Map<string, { at: number; state: JobState }>()
  for (const [at, one] of history.entries()) {
    if (!('state' in one) || !isTerminal(one.state) || ends.has(one.jobId)) continue
    ends.set(one.jobId, { at, state: one.state })
  }
  return ends
}

/** Objects as text, whatever the order of their keys. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    const isPlain = typeof part === 'object' && part !== null && !Array.isArray(part)
    return isPlain ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part
  })
}
