import { performance } from 'node:perf_hooks'
import { createRecordedDistribution, type RecordedDistribution } from '../../core/recorded-distribution.ts'
import type { PoolStatistics, TaskDescription } from '../../ports/compute-pool.ts'

/** How long attempts waited and ran. */
export interface AttemptTimes {
  /** An attempt was given to the pool. */
  begin(task: string): AttemptTimer
  /** Forgets tasks that are not among these, but those that run. */
  keepOnly(tasks: readonly TaskDescription[]): void
  read(): Pick<PoolStatistics, 'wait' | 'run' | 'tasks'>
}

export interface AttemptTimer {
  started(): void
  /** Does nothing for an attempt that has not started. */
  ended(): void
}

interface TaskTimes {
  running: number
  readonly run: RecordedDistribution
}

/** Bounded by the number of tasks: an attempt of an unknown one is never begun. */
export function createAttemptTimes(): AttemptTimes {
  const wait = createRecordedDistribution()
  const run = createRecordedDistribution()
  const tasks = new Map<string, TaskTimes>()

  return {
    begin(name) {
      const givenAt = performance.now()
      let startedAt: number | null = null
      let task: TaskTimes | null = null
      return {
        started() {
          startedAt = performance.now()
          wait.record(startedAt - givenAt)
          task = tasks.get(name) ?? { running: 0, run: createRecordedDistribution() }
          task.running += 1
          tasks.set(name, task)
        },
        ended() {
          if (startedAt === null || task === null) return
          const ms = performance.now() - startedAt
          run.record(ms)
          task.run.record(ms)
          task.running -= 1
        },
      }
    },
    keepOnly(descriptions) {
      const known = new Set(descriptions.map(({ name }) => name))
      for (const [name, { running }] of tasks) if (running === 0 && !known.has(name)) tasks.delete(name)
    },
    read: () => ({
      wait: wait.read(),
      run: run.read(),
      tasks: [...tasks].map(([task, times]) => ({ task, running: times.running, run: times.run.read() })),
    }),
  }
}
