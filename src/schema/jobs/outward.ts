import type { RequestContext } from '../../resolvers/context.ts'
import { namedArtifacts } from '../../resolvers/jobs/named-artifacts.ts'
import type { PlannedType } from './type-plan.ts'

/** What a resolver answers for a value that is JSON in the ledger. */
export type Outward = (value: unknown, context: RequestContext) => unknown

/** How values of the type go out: moments in ms and files as what they are, all else as it is. */
export function outwardOf(type: PlannedType): Outward {
  const convert = conversionOf(type)
  return (value, context) => (value === null || convert === null ? value : convert(value, context))
}

/** `null` where there is nothing to convert, so that a long list of numbers is not walked. */
function conversionOf(type: PlannedType): Outward | null {
  if (type.kind === 'list') {
    const items = type.items.type
    // All of a list at once: they are read, or refused, together.
    if (isFile(items)) return (ids, context) => (Array.isArray(ids) ? namedArtifacts(ids, context) : ids)
    const convert = conversionOf(items)
    if (convert === null) return null
    return (list, context) =>
      Array.isArray(list) ? list.map((item: unknown) => (item === null ? null : convert(item, context))) : list
  }
  if (isFile(type)) return async (id, context) => (await namedArtifacts([id], context))[0]
  return type.kind === 'scalar' && type.scalar === 'DateTime' ? (moment) => Date.parse(String(moment)) : null
}

function isFile(type: PlannedType): boolean {
  return type.kind === 'scalar' && type.scalar === 'Artifact'
}
