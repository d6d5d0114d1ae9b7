import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TaskFileError } from '../ports/compute-pool.ts'

/** Where the tasks lie that come with Millrace. */
const builtInTaskFolder: string = fileURLToPath(new URL('./tasks/', import.meta.url))

const taskFile = /\.[mc]?[jt]s$/
const noTaskFile = /\.(test|d)\.[mc]?[jt]s$/

/**
 * The task files lying in the folders themselves, not below them: every `.ts .mts .cts .js .mjs .cjs` that is no test and
 * no declaration, by name. Throws a `TaskFileError` that names the folder which cannot be read.
 */
export async function listTaskFiles(folders: readonly string[]): Promise<readonly string[]> {
  const listed = await Promise.all([...new Set([builtInTaskFolder, ...folders])].map(filesOf))
  return listed.flat()
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new TaskFileError(`The task folder ${folder} ${whyNot(error)} Name existing folders in MILLRACE_TASKS.`)
  })
  return entries
    .filter((entry) => !entry.isDirectory() && taskFile.test(entry.name) && !noTaskFile.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .toSorted()
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') return 'does not exist.'
  if (code === 'ENOTDIR') return 'is not a folder.'
  return `cannot be read (${String(code ?? error)}).`
}
