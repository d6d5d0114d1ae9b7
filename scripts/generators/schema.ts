import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../run-command.ts'

/** The schema of a server without tasks of one's own. */
export async function generateSchema(): Promise<ReadonlyMap<string, string>> {
  return new Map([['schema.graphql', await printedSchema('')]])
}

/** The schema as the command line prints it, with the tasks of some folders (`MILLRACE_TASKS`) besides the built-in ones. */
export async function printedSchema(taskFolders: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join('bin', 'millrace.mjs'), 'schema'], {
    cwd: projectRoot,
    env: { ...process.env, MILLRACE_TASKS: taskFolders },
    timeout: 60_000,
  })
  return stdout
}
