import type { GraphQLSchema } from 'graphql'
import { type TaskDescription, TaskFileError } from '../../ports/compute-pool.ts'

/** Hands out the names of the types and mutations that tasks add to the schema, each once. */
export interface TypeNames {
  /** Takes the name for what `use` says, such as "the input of `profileTable`". Throws a `TaskFileError` when it is taken. */
  claimType(name: string, task: TaskDescription, use: string): string
  /** Takes the task's own name for its mutation. Throws a `TaskFileError` when it is taken or no name for a mutation. */
  claimMutation(task: TaskDescription): string
}

/** The names that are free beside those of a schema, or all names. */
export function createTypeNames(schema: GraphQLSchema | null): TypeNames {
  const types = ownersOf(Object.keys(schema?.getTypeMap() ?? {}))
  const mutations = ownersOf(Object.keys(schema?.getMutationType()?.getFields() ?? {}))
  return {
    claimType(name, task, use) {
      const owner = types.get(name)
      if (owner !== undefined) throw taken(task, `${use} takes the type name "${name}"`, owner)
      types.set(name, use)
      return name
    },
    claimMutation(task) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(task.name)) {
        throw taskError(task, 'A task has a name of letters and digits that begins with a small letter.')
      }
      const owner = mutations.get(task.name)
      if (owner !== undefined) throw taken(task, `it takes the mutation name "${task.name}"`, owner)
      mutations.set(task.name, `the task in ${task.file}`)
      return task.name
    },
  }
}

function ownersOf(names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name, 'the schema itself']))
}

function taken(task: TaskDescription, wish: string, owner: string): TaskFileError {
  return taskError(task, `${wish}, and so does ${owner}. Rename one of them.`)
}

/** A start-up error that names the task and its file. */
export function taskError(task: TaskDescription, sentence: string): TaskFileError {
  return new TaskFileError(`${task.file}: the task "${task.name}" cannot become a part of the schema: ${sentence}`)
}

/** `max_rows` and `maxRows` become `MaxRows`. */
export function pascalCase(name: string): string {
  return name
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
}

const endings: readonly (readonly [RegExp, string])[] = [
  [/(series|species|[su]s|is)$/i, '$1'],
  [/ies$/i, 'y'],
  [/(x|ch|sh|ss)es$/i, '$1'],
  [/s$/i, ''],
]

/** The name for one item of a list: `columns` becomes `column`. What is no plain English plural stays as it is. */
export function singular(name: string): string {
  const ending = endings.find(([plural]) => plural.test(name))
  return ending === undefined ? name : name.replace(ending[0], ending[1])
}
