import { type ASTVisitor, type FragmentDefinitionNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { ValidationContext, ValidationRule } from 'graphql'
import { refused } from './gate/refused.ts'

/** What an operation may cost before anything of it runs. Fragments count as often as they are spread. */
export interface OperationLimits {
  readonly aliases: number
  readonly directives: number
  /** Levels of fields. */
  readonly depth: number
  /** Levels of fields from `__schema` or `__type` on; GraphiQL asks for 15. */
  readonly introspectionDepth: number
}

/** Tokens are counted by the parser (graphql-js `maxTokens`). */
export const operationLimits: OperationLimits & { readonly tokens: number } = {
  tokens: 1000,
  aliases: 15,
  directives: 30,
  depth: 10,
  introspectionDepth: 20,
}

const words = {
  aliases: 'aliases',
  directives: 'directives',
  depth: 'levels of fields',
  introspectionDepth: 'levels of introspection',
} as const satisfies Record<keyof OperationLimits, string>

/** Validation rule: refuses an operation that is over one of the limits, naming each. */
export function limitOperations(limits: OperationLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const measure = createMeasure((name) => context.getFragment(name) ?? null)
    return {
      OperationDefinition(operation) {
        const own = operation.directives?.length ?? 0
        const cost = together([measure(operation.selectionSet), { ...nothing, directives: own }])
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

const nothing: OperationLimits = { aliases: 0, directives: 0, depth: 0, introspectionDepth: 0 }

type FindFragment = (name: string) => FragmentDefinitionNode | null

/** Measures selections. Each fragment is measured once, so the time is linear in the document. */
function createMeasure(findFragment: FindFragment): (selections: SelectionSetNode) => OperationLimits {
  const measured = new Map<string, OperationLimits>()

  function measure({ selections }: SelectionSetNode): OperationLimits {
    return together(selections.map(measureSelection))
  }

  function measureSelection(selection: SelectionNode): OperationLimits {
    const directives = { ...nothing, directives: selection.directives?.length ?? 0 }
    if (selection.kind === Kind.INLINE_FRAGMENT) return together([directives, measure(selection.selectionSet)])
    if (selection.kind === Kind.FRAGMENT_SPREAD) return together([directives, measureFragment(selection.name.value)])
    const aliases = { ...nothing, aliases: selection.alias === undefined ? 0 : 1 }
    const below = selection.selectionSet === undefined ? nothing : measure(selection.selectionSet)
    return together([directives, aliases, deeper(below, selection.name.value)])
  }

  function measureFragment(name: string): OperationLimits {
    const known = measured.get(name)
    if (known !== undefined) return known
    // A fragment that spreads itself is another rule's to refuse; here it must only come to an end.
    measured.set(name, nothing)
    const fragment = findFragment(name)
    const own = { ...nothing, directives: fragment?.directives?.length ?? 0 }
    const cost = fragment === null ? nothing : together([own, measure(fragment.selectionSet)])
    measured.set(name, cost)
    return cost
  }

  return measure
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
  }
}
