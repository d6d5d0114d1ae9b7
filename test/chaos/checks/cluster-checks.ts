import { recoveries } from '../recoveries.ts'
import { type Check, observed } from './check.ts'

/** What the processes of a cluster owe to each other. */
export const clusterChecks = {
  workGoesOn: {
    sentence: 'What ran on a member that died, or that stood still for longer than its lease, goes on elsewhere.',
    *find(evidence) {
      // A copy is worked on with long after.
      if (evidence.isCutOff) return
      for (const { by, jobs, handedBackMs, goesOnMs, withinMs } of recoveries(evidence)) {
        if (handedBackMs > withinMs) yield `${jobs} jobs were handed back ${handedBackMs} ms after a ${by}.`
        if (goesOnMs !== null && goesOnMs > withinMs) yield `None of ${jobs} jobs ran within ${goesOnMs} ms of a ${by}.`
      }
    },
  },

  membersFollow: {
    sentence: 'Members end when their primary dies.',
    *find(evidence) {
      for (const { ms } of observed(evidence, 'orphaned')) {
        if (ms === null) yield 'A member was still there long after its primary had died.'
      }
    },
  },
} as const satisfies Record<string, Check>
