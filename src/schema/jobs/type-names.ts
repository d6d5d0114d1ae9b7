import type { GraphQLSchema } from 'graphql'
import { type TaskDescription, TaskFileError } from '../../ports/compute-pool.ts'

/** Hands out the names of the types that tasks add to the schema, each once. */
export interface TypeNames {
  /** Takes the name for what `use` says, such as "the input of `profileTable`". Throws a `TaskFileError` when it is taken. */
  claimType(name: string, task: TaskDescription, use: string): string
  /** Throws a `TaskFileError` when the schema itself has a mutation of the task's name. Tasks differ in name anyhow. */
  assertMutationFree(task: TaskDescription): void
}

/** The names that are free beside those of a schema, or all names. */
export function createTypeNames(schema: GraphQLSchema | null): TypeNames {
  const types = new Map(Object.keys(schema?.getTypeMap() ?? {}).map((name) => [name, itself]))
  const mutations = new Set(Object.keys(schema?.getMutationType()?.getFields() ?? {}))
  return {
    claimType(name, task, use) {
      const owner = types.get(name)
      if (owner !== undefined) throw taken(task, `${use} takes the type name "${name}"`, owner)
      types.set(name, use)
      return name
    },
    assertMutationFree(task) {
      if (mutations.has(task.name)) throw taken(task, `it takes the mutation name "${task.name}"`, itself)
    },
  }
}

const itself = 'the schema itself'

function taken(task: TaskDescription, wish: string, owner: string): TaskFileError {
  return taskError(task, `${wish}, and so does ${owner}. Rename one of them.`)
}

/** A start-up error that names the task and its file. */
export function taskError(task: TaskDescription, sentence: string): TaskFileError {
  return new TaskFileError(`${task.file}: the task "${task.name}" cannot become a part of the schema: ${sentence}`)
}

/** Whether GraphQL takes the text as the name of a type, a field or an argument of ours. */
export function isName(text: string): boolean {
  return /^[_A-Za-z][_0-9A-Za-z]*$/.test(text) && !text.startsWith('__')
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
