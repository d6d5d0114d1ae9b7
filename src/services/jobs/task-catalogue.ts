import { z } from 'zod'
import { InvalidInputError, Refusal } from '../../core/errors.ts'
import { type TaskDescription, TaskFileError } from '../../ports/compute-pool.ts'
import { toInputIssues } from './input-issues.ts'
import { readSchema } from './schema-reading.ts'

/** The tasks that the threads loaded, as the main thread knows them. */
export interface TaskCatalogue {
  readonly tasks: readonly TaskDescription[]
  find(name: string): TaskDescription | null
  /**
   * The input with defaults filled in, checked against the task's schema, and the ids of the artifacts in it.
   * Throws `UNKNOWN_TASK` and `InvalidInputError`.
   */
  parseInput(name: string, input: unknown): { readonly input: unknown; readonly artifactIds: readonly string[] }
  /** A parsed input with the hash of its content in place of each artifact id, so that equal files make equal inputs. */
  withContents(name: string, input: unknown, hashes: ReadonlyMap<string, string>): unknown
  /** Puts these tasks in the place of all. Throws as `createTaskCatalogue`, having changed nothing. */
  replace(descriptions: readonly TaskDescription[]): void
}

/**
 * A catalogue of what the threads described. The schemas are checked against JSON here: the task's own zod schema, which may
 * ask for more, is only in the threads. Throws a `TaskFileError` for a schema that has no such form.
 */
export function createTaskCatalogue(descriptions: readonly TaskDescription[]): TaskCatalogue {
  let entries = read(descriptions)

  return {
    get tasks() {
      return [...entries.values()].map((entry) => entry.description)
    },
    find: (name) => entries.get(name)?.description ?? null,
    parseInput(name, input) {
      const entry = entries.get(name)
      if (entry === undefined)
        throw new Refusal('UNKNOWN_TASK', `No task named ${JSON.stringify(name.slice(0, 100))} is loaded.`)
      const parsed = entry.schema.safeParse(entry.reading.withoutNulls(input))
      if (!parsed.success) throw new InvalidInputError(toInputIssues(parsed.error.issues))
      return { input: parsed.data, artifactIds: entry.reading.artifactIds(parsed.data) }
    },

    // An object, so that no text of an input can pass for the content of a file.
    withContents: (name, input, hashes) =>
      entries.get(name)?.reading.mapArtifacts(input, (id) => ({ sha256: hashes.get(id) ?? id })) ?? input,

    replace(others) {
      entries = read(others)
    },
  }
}

function read(descriptions: readonly TaskDescription[]): ReadonlyMap<string, Entry> {
  return new Map(descriptions.map((description) => [description.name, toEntry(description)]))
}

interface Entry {
  readonly description: TaskDescription
  readonly schema: z.ZodType
  readonly reading: ReturnType<typeof readSchema>
}

function toEntry(description: TaskDescription): Entry {
  const { inputSchema, name, file } = description
  try {
    // zod's own type of a JSON Schema and ours describe the same values.
    const schema = z.fromJSONSchema(inputSchema as Parameters<typeof z.fromJSONSchema>[0])
    return { description, schema, reading: readSchema(inputSchema) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TaskFileError(
      `${file}: the input of the task ${name} cannot be described in JSON Schema (${reason}). Use simpler zod types there and check the rest in run().`,
    )
  }
}
