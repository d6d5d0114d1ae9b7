import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import { rootFields } from '../gate/root-fields.ts'
import type { OperationFacts } from '../operation.ts'

/** Of what was refused before its operation was known. */
export const refusedOperation: OperationFacts = {
  kind: 'none',
  field: 'none',
  title: 'operation',
  name: null,
  hasSteps: false,
}

const maxName = 100

/** As long as a document is at hand its operation is looked at once. */
const known = new WeakMap<OperationDefinitionNode, OperationFacts>()

/** Whether the facts of the operation are at hand, as of a document that has been taken before. */
export function isKnown(operation: OperationDefinitionNode): boolean {
  return known.has(operation)
}

/** `document` was validated: the names of its fields are those of the schema. */
export function operationFacts(document: DocumentNode, operation: OperationDefinitionNode): OperationFacts {
  const before = known.get(operation)
  if (before !== undefined) return before
  const all = rootFields(document, operation.selectionSet)
  // Some clients ask for it beside every field.
  const names = all.length > 1 ? all.filter((name) => name !== '__typename') : all
  const [first = 'none'] = names
  const kind = operation.operation
  const field = names.length > 1 ? 'several' : first
  const facts = {
    kind,
    field,
    title: `${kind} ${field}`,
    name: operation.name?.value.slice(0, maxName) ?? null,
    hasSteps: !isOneStep(operation.selectionSet),
  }
  known.set(operation, facts)
  return facts
}

/** Whether there is one field, and below it nothing but fields without any below. */
function isOneStep({ selections: [only, ...others] }: SelectionSetNode): boolean {
  if (only?.kind !== Kind.FIELD || others.length > 0) return false
  const below = only.selectionSet?.selections ?? []
  return below.every((selection) => selection.kind === Kind.FIELD && selection.selectionSet === undefined)
}
