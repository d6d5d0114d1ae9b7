import type { GraphQLSchema } from 'graphql'
import type { ComputePool } from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import { createSchema } from '../schema/index.ts'
import { createTaskCatalogue, type TaskCatalogue } from '../services/jobs/task-catalogue.ts'
import { listTaskFiles } from '../workers/task-files.ts'
import { watchTaskFolders } from '../workers/watch-task-folders.ts'

export interface TaskReloadOptions {
  readonly folders: readonly string[]
  readonly pool: ComputePool
  readonly tasks: TaskCatalogue
  readonly logger: Logger
  useSchema(schema: GraphQLSchema): void
}

/**
 * Takes in what changes in the task folders while the server runs, until it is disposed of: the schema, the catalogue and the
 * threads, all in one go. A mistake is logged, and all stays as it was.
 */
export function reloadTasksOnChange(options: TaskReloadOptions): AsyncDisposable {
  const { folders, pool, tasks, logger, useSchema } = options

  async function reload(): Promise<void> {
    const descriptions = await pool.reload(await listTaskFiles(folders), (described) => {
      const { schema, warnings } = createSchema(described)
      // Throws what `replace` would, before anything has changed.
      createTaskCatalogue(described)
      useSchema(schema)
      tasks.replace(described)
      for (const warning of warnings) logger.warn({}, warning)
    })
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
