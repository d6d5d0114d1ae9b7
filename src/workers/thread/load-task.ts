import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { TaskFileError } from '../../ports/compute-pool.ts'
import type { TaskDefinition } from '../../task.ts'
import { describeLoadFailure } from './load-failure.ts'
import { readDefinition } from './task-shape.ts'

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
  throw new TaskFileError(`${file}: ${read.mistakes.join(' ')}`)
}

async function importDefault(file: string): Promise<unknown> {
  try {
    // A module namespace: its `default` may be anything.
    const namespace = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
    return unwrap(namespace.default)
  } catch (error) {
    const source = await readFile(file, 'utf8').catch(() => '')
    throw new TaskFileError(describeLoadFailure(file, error, source))
  }
}

/** A compiler that writes CommonJS puts the default export into `exports.default`, one step further in. */
function unwrap(exported: unknown): unknown {
  const compiled =
    typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported
  return compiled ? exported.default : exported
}
