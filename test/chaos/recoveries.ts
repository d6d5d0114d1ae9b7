import type { JobAttempt } from '../../src/core/job.ts'
import { urgent } from './actions.ts'
import type { Evidence } from './checks/check.ts'
import type { Observation } from './history.ts'
import type { RestingRecord } from './resting-record.ts'

/** What became of the jobs that ran on members when these were struck. Times in ms since the strike. */
export interface Recovery {
  readonly by: string
  readonly jobs: number
  /** Until the last of them was handed back. */
  readonly handedBackMs: number
  /** Until the next attempt began of one that no other job goes before; `null` where none was such and to run again. */
  readonly goesOnMs: number | null
  /** What both may be at most. */
  readonly withinMs: number
}

type Struck = Extract<Observation, { type: 'struck' }>

/** Of each strike at members that had something to do. What was not over when the server as a whole ended does not count. */
export function recoveries({ history, record }: Pick<Evidence, 'history' | 'record'>): readonly Recovery[] {
  return history.flatMap((struck, index) => {
    if (struck.type !== 'struck') return []
    const { by, at, withinMs } = struck
    const over = history.slice(index + 1).find(isEnding)?.at ?? Infinity
    const lost = lostBy(struck, record).filter(({ backAt }) => backAt < over)
    if (lost.length === 0) return []
    const next = Math.min(...lost.filter(({ isUrgent }) => isUrgent).map(({ nextAt }) => nextAt))
    const handedBackMs = Math.max(...lost.map(({ backAt }) => backAt)) - at
    const goesOnMs = next < over ? next - at : null
    return [{ by, jobs: lost.length, handedBackMs, goesOnMs, withinMs }]
  })
}

/** Whether nobody is left who works. */
function isEnding(one: Observation): one is Extract<Observation, { readonly at: number }> {
  return one.type === 'ending' || (one.type === 'struck' && one.nodes.length > 1)
}

interface Lost {
  readonly isUrgent: boolean
  readonly backAt: number
  /** Infinity where there was no other attempt. */
  readonly nextAt: number
}

function lostBy({ nodes, at }: Struck, { jobs }: RestingRecord): readonly Lost[] {
  const wasLost = ({ nodeId, startedAt, finishedAt, outcome }: JobAttempt) =>
    outcome === 'LOST' && startedAt <= at && (finishedAt ?? 0) >= at && nodes.includes(nodeId)
  return jobs.flatMap(({ job, attempts }) =>
    attempts.flatMap((attempt, index) => {
      if (!wasLost(attempt)) return []
      const nextAt = attempts[index + 1]?.startedAt ?? Infinity
      return [{ isUrgent: job.priority >= urgent, backAt: attempt.finishedAt ?? Infinity, nextAt }]
    }),
  )
}
