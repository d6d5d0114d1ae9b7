import type { JsonSchema } from '../../core/json-schema.ts'
import { TaskFileError, type RetryPolicy, type TaskDescription } from '../../ports/compute-pool.ts'
import { z, type TaskDefinition } from '../../task.ts'
import { endSentence } from '../../core/end-sentence.ts'
import { definitionPlace } from './definition-place.ts'
import { durationMs } from './duration-ms.ts'
import { loadTask } from './load-task.ts'
import { neverJson } from './never-json.ts'
import { textOfError } from './text-of-error.ts'

/** The grace of a task that names none, in ms. */
const defaultGraceMs = 2_000
/** How a task is tried that says nothing of it. */
const defaultRetries: RetryPolicy = { attempts: 1, baseMs: 1_000, capMs: 300_000 }

/**
 * Loads every file, telling of each before, and describes its task. Rejects with a `TaskFileError` for the first file that
 * is not in order, and for two files with tasks of one name.
 */
export async function describeTasks(
  files: readonly string[],
  onLoading: (file: string) => void,
): Promise<readonly TaskDescription[]> {
  const tasks = new Map<string, TaskDescription>()
  for (const file of files) {
    onLoading(file)
    // One after the other, so that a file which ends the thread is known.
    const described = describeTask(await loadTask(file), file)
    const other = tasks.get(described.name)
    if (other !== undefined) {
      throw new TaskFileError(
        `${definitionPlace(file, 'name')}: A task named \`${described.name}\` is also in ${other.file}. Give one of them another name: each becomes a mutation.`,
      )
    }
    tasks.set(described.name, described)
  }
  return [...tasks.values()]
}

/** What the main thread may know of a task. Throws a `TaskFileError` for a schema that JSON Schema or JSON cannot tell. */
function describeTask(task: TaskDefinition, file: string): TaskDescription {
  const schema = (key: 'input' | 'output' | 'partial', io: 'input' | 'output'): JsonSchema => {
    try {
      // Through JSON, for zod's result carries functions that cannot leave the thread.
      const text = JSON.stringify(toJsonSchema(task[key] ?? z.never(), io))
      // The part of JSON Schema that zod writes.
      return JSON.parse(text) as JsonSchema
    } catch (error) {
      throw new TaskFileError(
        `${definitionPlace(file, key)}: Its \`${key}\` cannot be described: ${endSentence(textOfError(error))} Use plain zod types there.`,
      )
    }
  }
  const inputSchema = schema('input', 'input')
  const mistakes = neverJson(task.input)
  if (mistakes.length > 0) throw new TaskFileError(`${definitionPlace(file, 'input')}: ${mistakes.join(' ')}`)
  return {
    name: task.name,
    description: task.description.trim(),
    version: task.version ?? '1',
    inputSchema,
    outputSchema: schema('output', 'output'),
    partialSchema: task.partial === undefined ? null : schema('partial', 'output'),
    timeoutMs: task.timeoutMs ?? null,
    graceMs: task.graceMs ?? defaultGraceMs,
    retries: { ...defaultRetries, ...task.retries },
    memoizeForMs: task.memoizeFor === undefined ? null : durationMs(task.memoizeFor),
    heapMb: task.memory?.heapMb ?? null,
    concurrency: task.concurrency ?? null,
    sharded: 'shards' in task,
    file,
  }
}

/**
 * JSON Schema as zod makes it, but with dates as they are in JSON: a date that goes out is written as an ISO text, and one
 * that is coerced may come in as such.
 */
function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod
      if (def.type !== 'date' || (io === 'input' && !('coerce' in def && def.coerce))) return
      jsonSchema.type = 'string'
      jsonSchema.format = 'date-time'
    },
  })
}
