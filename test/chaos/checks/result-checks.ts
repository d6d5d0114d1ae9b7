import type { RestingJob, Run } from '../resting-record.ts'
import { type Check, jobsById } from './check.ts'

/** What came of the jobs, against what the tasks themselves wrote down. */
export const resultChecks = {
  oneResult: {
    sentence: 'A job has one committed result if it succeeded, of its last attempt, and none otherwise.',
    *find({ record }) {
      for (const { job, output, attempts } of record.jobs) {
        const successes = attempts.filter(({ outcome }) => outcome === 'SUCCEEDED').map(({ fence }) => fence)
        const expected = job.state === 'SUCCEEDED' && job.memoizedFrom === null ? [job.fence] : []
        if (successes.join() !== expected.join()) {
          yield `${job.id} is ${job.state} with the fence ${job.fence}, and attempts succeeded with ${successes.join() || 'none'}.`
        }
        if ((output !== null) !== (job.state === 'SUCCEEDED')) {
          yield `${job.id} is ${job.state} ${output === null ? 'without' : 'with'} a result.`
        }
      }
    },
  },

  resultsAreOfRuns: {
    sentence: 'A committed result is that of a run which took place, of that job and for that input.',
    *find(evidence) {
      const runs = new Map(evidence.record.runs.map((run) => [run.token, run]))
      const jobs = jobsById(evidence)
      for (const resting of evidence.record.jobs) {
        if (resting.output === null) continue
        const source = jobs.get(resting.job.memoizedFrom ?? resting.job.id)
        const fault = source === undefined ? 'has its result from nowhere.' : faultOf(resting, source, runs)
        if (fault !== null) yield `${resting.job.id} ${fault}`
      }
    },
  },

  runsAreClaimed: {
    sentence: 'A task runs no more often than its job was claimed, and never for a job that is not in the ledger.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const [jobId, runs] of Map.groupBy(evidence.record.runs, (run) => run.jobId)) {
        const fence = jobs.get(jobId)?.job.fence ?? 0
        if (runs.length > fence) yield `${jobId} ran ${runs.length} times and was claimed ${fence} times.`
      }
    },
  },

  pureRunsOnce: {
    sentence: 'Only a task that is pure gives a remembered result, and it is the same as the one remembered.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const { job, output, attempts } of evidence.record.jobs) {
        if (job.memoizedFrom === null) continue
        const from = jobs.get(job.memoizedFrom)
        if (evidence.tasks.get(job.task)?.pure !== true) yield `${job.id} is remembered, and ${job.task} is not pure.`
        if (attempts.length > 0) yield `${job.id} was run although its result was remembered.`
        if (from?.output !== output) yield `${job.id} has another result than ${job.memoizedFrom}, whose it should be.`
      }
    },
  },
} as const satisfies Record<string, Check>

function faultOf({ output, input }: RestingJob, source: RestingJob, runs: ReadonlyMap<string, Run>): string | null {
  // Written by the tasks of the chaos run, and checked by their schemas.
  const { token, seed } = JSON.parse(output ?? '{}') as { token?: string; seed?: number }
  // The same of their input.
  const asked = JSON.parse(input) as { seed?: number }
  if (seed !== asked.seed) return `was asked for ${asked.seed} and gives ${seed}.`
  const run = runs.get(token ?? '')
  if (run === undefined) return 'has the result of a run that never took place.'
  return run.jobId === source.job.id ? null : `has the result of a run of ${run.jobId}.`
}
