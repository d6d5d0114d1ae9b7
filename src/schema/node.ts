import { requiresOneOf } from './access.ts'
import type { Builder } from './builder.ts'

/**
 * Adds the interface `Node`; `typeName` says of which type a thing is. Jobs are the only things so far, hence it asks for
 * what they ask for.
 */
export function addNode<Thing extends { readonly id: string }>(builder: Builder, typeName: (thing: Thing) => string) {
  return builder.interfaceRef<Thing>('Node').implement({
    description: 'Something with an id that is unique among all things, of whatever kind.',
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    resolveType: typeName,
    fields: (t) => ({ id: t.id({ description: 'Names the thing among all things.', resolve: ({ id }) => id }) }),
  })
}
