import type { PoolStatistics } from '../../ports/compute-pool.ts'
import { readPoolStatus } from '../../resolvers/jobs/read-pool-status.ts'
import type { PoolStatus } from '../../services/jobs/pool-status.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { addDistribution, type DistributionRef } from './distribution.ts'

/** Adds the types `PoolStatus` and `TaskRuns` and the query `poolStatus`. */
export function addPoolStatus(builder: Builder): void {
  const distribution = addDistribution(builder)
  const taskRuns = addTaskRuns(builder, distribution)
  const status = builder.objectRef<PoolStatus>('PoolStatus').implement({
    description: 'What the threads of one process are doing, and how long jobs took there since it started.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      nodeId: t.exposeString('nodeId', { description: 'The process.' }),
      threads: t.exposeInt('threads', { description: 'How many threads it has.' }),
      busy: t.exposeInt('busy', { description: 'How many of the threads run a job.' }),
      zombies: t.exposeInt('zombies', {
        description:
          'How many threads were ended and are still there, because native code holds them: their cores are taken.',
      }),
      waiting: t.exposeInt('waiting', {
        description: 'How many jobs the process has taken that wait for their threads.',
      }),
      queued: t.exposeInt('queued', { description: 'How many jobs are QUEUED, whatever process will run them.' }),
      queue: t.expose('queue', {
        type: distribution,
        description: 'How long jobs lay in the queue, in ms: from when they were due until this process took them.',
      }),
      wait: t.expose('wait', {
        type: distribution,
        description:
          'How long attempts waited for their threads, in ms: from when this process took the job until the first line of its task.',
      }),
      run: t.expose('run', {
        type: distribution,
        description: 'How long attempts ran, in ms: from the first line of the task until the end of the attempt.',
      }),
      tasks: t.field({
        type: [taskRuns],
        description: 'What this process has done for each task that has run there since it started.',
        resolve: ({ tasks }) => [...tasks],
      }),
    }),
  })
  builder.queryField('poolStatus', (t) =>
    t.field({
      type: status,
      description: 'What the threads of the process that answers are doing. For administrators.',
      directives: requiresOneOf('admin'),
      resolve: readPoolStatus,
    }),
  )
}

function addTaskRuns(builder: Builder, distribution: DistributionRef) {
  return builder.objectRef<PoolStatistics['tasks'][number]>('TaskRuns').implement({
    description: 'What one process has done for a task.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      task: t.exposeString('task', { description: 'The name of the task.' }),
      running: t.exposeInt('running', { description: 'How many of its jobs run there.' }),
      run: t.expose('run', { type: distribution, description: 'How long its attempts ran, in ms.' }),
    }),
  })
}
