import type { TaskDescription } from '../../ports/compute-pool.ts'
import type { Builder } from '../builder.ts'
import type { PageInfoRef } from '../page-info.ts'
import type { Refusals } from '../refusals.ts'
import type { ArtifactRef } from './artifact.ts'
import { addChosen } from './chosen.ts'
import { addJob } from './job.ts'
import { addJobConnection } from './job-connection.ts'
import { addJobEvent, addJobEvents } from './job-event.ts'
import { addJobMutations } from './job-mutations.ts'
import { addJobOptions } from './job-options.ts'
import { addJobProgress } from './job-progress.ts'
import { addJobQueries } from './job-queries.ts'
import { addJobsEvents } from './jobs-event.ts'
import type { LogLevelRef } from './log-level.ts'
import { addPoolStatus } from './pool-status.ts'
import { addTasks } from './task.ts'
import { addTaskTypes, jobTypeName, partialTypeName } from './task-types.ts'
import type { TypeNames } from './type-names.ts'
import { addUntypedJob } from './untyped-job.ts'

export interface JobsChapter {
  readonly tasks: readonly TaskDescription[]
  /** The names that are still free for what the tasks add. */
  readonly names: TypeNames
  /** Hears what of a task's input or result has no type in GraphQL. */
  readonly warn: (sentence: string) => void
}

/** What the chapter takes from others. */
interface Surroundings {
  readonly refusals: Refusals
  readonly pageInfo: PageInfoRef
  readonly artifact: ArtifactRef
  readonly logLevel: LogLevelRef
}

/** Adds everything about jobs and tasks. Throws a `TaskFileError` for a task that cannot become a part of the schema. */
export function addJobs(
  builder: Builder,
  { refusals, pageInfo, artifact, logLevel }: Surroundings,
  { tasks, names, warn }: JobsChapter,
): void {
  const jobTypes = new Map(tasks.map(({ name }) => [name, jobTypeName(name)]))
  const partialTypes = new Map(
    tasks.filter(({ partialSchema }) => partialSchema !== null).map(({ name }) => [name, partialTypeName(name)]),
  )
  const progress = addJobProgress(builder)
  const job = addJob(builder, { progress, artifact }, ({ task }) => jobTypes.get(task) ?? 'UntypedJob')
  const event = addJobEvent(builder, job, (partial) => partialTypes.get(partial.job.task) ?? 'UntypedJobPartial')
  const options = addJobOptions(builder)
  const chosen = addChosen(builder)
  const connection = addJobConnection(builder, job, pageInfo)
  const jobsEvent = addJobsEvents(builder, connection)
  addJobEvents(builder, { ...event, jobsEvent }, { progress, logLevel })
  addUntypedJob(builder, job, event)
  addJobQueries(builder, job, connection)
  addJobMutations(builder, refusals, job, options)
  addTasks(builder)
  addPoolStatus(builder)
  const shared = { job, event, options, artifact, chosen, refusals, names, warn }
  for (const task of tasks) addTaskTypes(builder, task, shared)
}
