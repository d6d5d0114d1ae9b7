import type { Config } from '../config.ts'
import type { ComputePool, TaskDescription } from '../ports/compute-pool.ts'
import type { Logger } from '../ports/logger.ts'
import { openPool } from '../workers/pool.ts'
import { listTaskFiles } from '../workers/task-files.ts'

/** The tasks that a server with these settings would have, asked of one thread. Throws a `TaskFileError`. */
export async function describeTasks(config: Config, logger: Logger): Promise<readonly TaskDescription[]> {
  await using pool: ComputePool = openPool({ threads: 1, taskFiles: await listTaskFiles(config.taskFolders), logger })
  return await pool.describe()
}
