import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { ValidationContext, ValidationRule } from 'graphql'
import { refused } from './gate/refused.ts'
import { pageSize } from './page-size.ts'

/** What an operation may cost before anything of it runs. Fragments count as often as they are spread. */
export interface OperationLimits {
  readonly aliases: number
  readonly directives: number
  /** Levels of fields. */
  readonly depth: number
  /** Levels of fields from `__schema` or `__type` on; GraphiQL asks for 15. */
  readonly introspectionDepth: number
  /** Fields that may be answered, those of a page as often as there can be things on it. */
  readonly cost: number
}

/** Tokens are counted by the parser (graphql-js `maxTokens`). */
export const operationLimits: OperationLimits & { readonly tokens: number } = {
  tokens: 1000,
  aliases: 15,
  directives: 30,
  depth: 10,
  introspectionDepth: 20,
  cost: 5_000,
}

const words = {
  aliases: 'aliases',
  directives: 'directives',
  depth: 'levels of fields',
  introspectionDepth: 'levels of introspection',
  cost: 'fields, counting those of a page for each thing on it',
} as const satisfies Record<keyof OperationLimits, string>

/** Validation rule: refuses an operation that is over one of the limits, naming each. */
export function limitOperations(limits: OperationLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const schema = context.getSchema()
    const measure = createMeasure({
      fragment: (name) => context.getFragment(name) ?? null,
      type: (name) => schema.getType(name) ?? null,
    })
    return {
      OperationDefinition(operation) {
        const own = operation.directives?.length ?? 0
        const root = schema.getRootType(operation.operation) ?? null
        const cost = together([measure(operation.selectionSet, root), { ...nothing, directives: own }])
        for (const [name, noun] of Object.entries(words)) {
          const kind = name as keyof OperationLimits // the keys of a literal table
          if (cost[kind] <= limits[kind]) continue
          const message = `The operation has over ${limits[kind]} ${noun}.`
          context.reportError(refused('OPERATION_TOO_COSTLY', message, [operation]))
        }
      },
    }
  }
}

const nothing: OperationLimits = { aliases: 0, directives: 0, depth: 0, introspectionDepth: 0, cost: 0 }

interface Known {
  readonly fragment: (name: string) => FragmentDefinitionNode | null
  readonly type: (name: string) => GraphQLNamedType | null
}

/** Measures what is selected of a type; of what the schema does not know, which another rule refuses, as if it had no pages. */
type Measure = (selections: SelectionSetNode, parent: GraphQLNamedType | null) => OperationLimits

/** Each fragment is measured once, so the time is linear in the document. */
function createMeasure(known: Known): Measure {
  const measured = new Map<string, OperationLimits>()

  function measure({ selections }: SelectionSetNode, parent: GraphQLNamedType | null): OperationLimits {
    return together(selections.map((selection) => measureSelection(selection, parent)))
  }

  function measureSelection(selection: SelectionNode, parent: GraphQLNamedType | null): OperationLimits {
    const directives = { ...nothing, directives: selection.directives?.length ?? 0 }
    if (selection.kind === Kind.FRAGMENT_SPREAD) return together([directives, measureFragment(selection.name.value)])
    if (selection.kind === Kind.FIELD) return together([directives, measureField(selection, parent)])
    const condition = selection.typeCondition?.name.value
    const type = condition === undefined ? parent : known.type(condition)
    return together([directives, measure(selection.selectionSet, type)])
  }

  function measureField(node: FieldNode, parent: GraphQLNamedType | null): OperationLimits {
    const field = fieldOf(parent, node.name.value)
    const type = field === null ? null : getNamedType(field.type)
    const below = node.selectionSet === undefined ? nothing : measure(node.selectionSet, type)
    const own = { ...nothing, aliases: node.alias === undefined ? 0 : 1 }
    const cost = 1 + below.cost * pageSize(node, field)
    return together([own, { ...deeper(below, node.name.value), cost }])
  }

  function measureFragment(name: string): OperationLimits {
    const before = measured.get(name)
    if (before !== undefined) return before
    // A fragment that spreads itself is another rule's to refuse; here it must only come to an end.
    measured.set(name, nothing)
    const fragment = known.fragment(name)
    const own = { ...nothing, directives: fragment?.directives?.length ?? 0 }
    const type = fragment === null ? null : known.type(fragment.typeCondition.name.value)
    const cost = fragment === null ? nothing : together([own, measure(fragment.selectionSet, type)])
    measured.set(name, cost)
    return cost
  }

  return measure
}

function fieldOf(type: GraphQLNamedType | null, name: string): GraphQLField<unknown, unknown> | null {
  return isObjectType(type) || isInterfaceType(type) ? (type.getFields()[name] ?? null) : null
}

/** One level up. What lies under `__schema` or `__type` is measured by itself. */
function deeper(below: OperationLimits, fieldName: string): OperationLimits {
  const depth = below.depth + 1
  if (fieldName !== '__schema' && fieldName !== '__type') return { ...below, depth }
  return { ...below, depth: 1, introspectionDepth: Math.max(depth, below.introspectionDepth) }
}

/** Counts add up; of depths the greatest stays. */
function together(parts: readonly OperationLimits[]): OperationLimits {
  return {
    aliases: parts.reduce((sum, part) => sum + part.aliases, 0),
    directives: parts.reduce((sum, part) => sum + part.directives, 0),
    depth: Math.max(0, ...parts.map((part) => part.depth)),
    introspectionDepth: Math.max(0, ...parts.map((part) => part.introspectionDepth)),
    cost: parts.reduce((sum, part) => sum + part.cost, 0),
  }
}
