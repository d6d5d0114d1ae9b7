import type { ObjectRef } from '@pothos/core'
import type { Scope } from '../core/principal.ts'
import type { Edge, Page } from '../core/page.ts'
import { requiresOneOf } from './access.ts'
import type { Builder, BuilderTypes } from './builder.ts'
import type { PageInfoRef } from './page-info.ts'

export interface ConnectionParts<Node> {
  /** What the names of the types start with, such as `User`. */
  readonly name: string
  /** What is in the list, for descriptions: one, and several. */
  readonly words: readonly [one: string, several: string]
  readonly node: ObjectRef<BuilderTypes, Node>
  readonly pageInfo: PageInfoRef
  /** One of these is needed. */
  readonly scopes: readonly Scope[]
}

/** Adds the types `<name>Connection` and `<name>Edge` (GraphQL Cursor Connections). */
export function addConnection<Node>(builder: Builder, { name, words, node, pageInfo, scopes }: ConnectionParts<Node>) {
  const [one, several] = words
  const directives = requiresOneOf(...scopes)
  const edge = builder.objectRef<Edge<Node>>(`${name}Edge`).implement({
    description: `${one} at its place in a list.`,
    directives,
    fields: (t) => ({
      cursor: t.string({
        description: 'The place in the list, to be given as `after`.',
        resolve: ({ cursor }) => cursor,
      }),
      node: t.field({
        type: node,
        description: `${one}.`,
        // A thing of a list is no list itself, which Pothos cannot know of a type parameter.
        resolve: (value) => value.node as never,
      }),
    }),
  })
  return builder.objectRef<Page<Node>>(`${name}Connection`).implement({
    description: `A page of a list of ${several}.`,
    directives,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: `The ${several} with their places.`,
        resolve: ({ edges }) => [...edges],
      }),
      nodes: t.field({
        type: [node],
        description: `The ${several} alone.`,
        resolve: ({ edges }) => edges.map((value) => value.node),
      }),
      pageInfo: t.field({
        type: pageInfo,
        description: 'Where the page stands in the list.',
        resolve: (page) => page.pageInfo,
      }),
    }),
  })
}
