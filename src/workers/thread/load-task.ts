import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { TaskFileError } from '../../ports/compute-pool.ts'
import type { TaskDefinition } from '../../task.ts'
import { definitionPlace } from './definition-place.ts'
import { describeLoadFailure } from './load-failure.ts'
import { readDefinition, type ShapeMistake } from './task-shape.ts'

const loaded = new Map<string, Promise<TaskDefinition>>()

/** The task that a file defines, loaded once per thread. Rejects with a `TaskFileError` for a file that is not in order. */
export function loadTask(file: string): Promise<TaskDefinition> {
  const known = loaded.get(file)
  if (known !== undefined) return known
  const task = importTask(file)
  loaded.set(file, task)
  return task
}

async function importTask(file: string): Promise<TaskDefinition> {
  const exported = await importDefault(file)
  const read = readDefinition(exported)
  if ('task' in read) return read.task
  throw new TaskFileError(tell(file, read.mistakes))
}

/** All mistakes, each line named once. */
function tell(file: string, mistakes: readonly ShapeMistake[]): string {
  const byPlace = Map.groupBy(mistakes, ({ key }) => definitionPlace(file, key))
  return [...byPlace].map(([place, found]) => `${place}: ${found.map(({ sentence }) => sentence).join(' ')}`).join(' ')
}

async function importDefault(file: string): Promise<unknown> {
  try {
    // A module namespace: its `default` may be anything.
    const namespace = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
    return unwrap(namespace.default)
  } catch (error) {
    const source = await readFile(file, 'utf8').catch((unread: unknown) => (isMissing(unread) ? null : ''))
    if (source === null) throw new TaskFileError(`${file}: There is no such file. Correct its path.`)
    throw new TaskFileError(describeLoadFailure(file, error, source))
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** A compiler that writes CommonJS puts the default export into `exports.default`, one step further in. */
function unwrap(exported: unknown): unknown {
  const compiled =
    typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported
  return compiled ? exported.default : exported
}
