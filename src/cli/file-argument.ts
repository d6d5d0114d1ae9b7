import { artifactKeyword } from '../core/task.ts'
import { CliFailure } from './failure.ts'

/** What the command line must know of a task to put files into its input. */
interface TaskInfo {
  readonly name: string
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> }
}

interface FileArgument {
  readonly field: string
  /** Whether the field takes a list. */
  readonly many: boolean
  readonly path: string
}

/** `--file data.csv` goes to the task's one file field, `--file field=data.csv` to the one that is named. */
export function fileArgument(task: TaskInfo, argument: string): FileArgument {
  const fields = Object.entries(task.inputSchema.properties ?? {}).flatMap(([field, schema]) => {
    if (isArtifact(schema)) return [{ field, many: false }]
    return isArtifact(itemsOf(schema)) ? [{ field, many: true }] : []
  })
  const named = fields.find(({ field }) => argument.startsWith(`${field}=`))
  const found = named ?? (fields.length === 1 ? fields[0] : undefined)
  if (found === undefined) {
    const names = fields.map(({ field }) => field).join(', ')
    const hint = fields.length === 0 ? 'takes no file' : `takes files as --file <field>=<path> with one of: ${names}`
    throw new CliFailure(`The task ${task.name} ${hint}.`, { exitCode: 2 })
  }
  return { ...found, path: named === undefined ? argument : argument.slice(named.field.length + 1) }
}

/** Whether a JSON Schema describes the id of a file, `null` allowed or not. */
function isArtifact(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  if (artifactKeyword in schema && schema[artifactKeyword] === true) return true
  return 'anyOf' in schema && Array.isArray(schema.anyOf) && schema.anyOf.some(isArtifact)
}

function itemsOf(schema: unknown): unknown {
  return typeof schema === 'object' && schema !== null && 'items' in schema ? schema.items : null
}

/** The input with the id of a file at the argument's field: in its list, where it takes one. */
export function withFile(
  input: Readonly<Record<string, unknown>>,
  { field, many }: FileArgument,
  id: string,
): Record<string, unknown> {
  const before: unknown = input[field]
  const list: readonly unknown[] = Array.isArray(before) ? before : []
  return { ...input, [field]: many ? [...list, id] : id }
}
