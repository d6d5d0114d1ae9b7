import type { GraphQLSchema } from 'graphql'
import type { ComputePool, TaskDescription } from './ports/compute-pool.ts'
import type { Logger } from './ports/logger.ts'
import { createSchema } from './schema/index.ts'
import { createTaskCatalogue, type TaskCatalogue } from './services/jobs/task-catalogue.ts'
import { listTaskFiles } from './workers/task-files.ts'
import { watchTaskFolders } from './workers/watch-task-folders.ts'

export interface TaskReloadOptions {
  readonly folders: readonly string[]
  readonly pool: ComputePool
  readonly tasks: TaskCatalogue
  readonly logger: Logger
  /** Loads the files in a thread of its own, without consequences. */
  describe(): Promise<readonly TaskDescription[]>
  useSchema(schema: GraphQLSchema): void
}

/**
 * Takes in what changes in the task folders while the server runs, until it is disposed of: threads, the catalogue and the
 * schema, in that order. A mistake is logged, and all stays as it was.
 */
export function reloadTasksOnChange(options: TaskReloadOptions): AsyncDisposable {
  const { folders, pool, tasks, logger, describe, useSchema } = options

  async function reload(): Promise<void> {
    // Tried out first: what the schema or the catalogue cannot take must not have reached the threads.
    const tried = await describe()
    createSchema(tried)
    createTaskCatalogue(tried)
    const descriptions = await pool.reload(await listTaskFiles(folders))
    const { schema, warnings } = createSchema(descriptions)
    tasks.replace(descriptions)
    useSchema(schema)
    for (const warning of warnings) logger.warn({}, warning)
    logger.info({ tasks: descriptions.length }, 'The task files were loaded anew.')
  }

  return watchTaskFolders({
    folders,
    changed: reload,
    failed(error) {
      const why = error instanceof Error ? error.message : String(error)
      logger.error({}, `The task files stay as they were. ${why}`)
    },
  })
}
