import { DirectiveLocation, GraphQLDirective, GraphQLList, GraphQLNonNull, GraphQLString } from 'graphql'
import type { Scope } from '../core/principal.ts'

const locations = [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT, DirectiveLocation.INTERFACE]
const listOf = (
  type: GraphQLNonNull<typeof GraphQLString> | GraphQLNonNull<GraphQLList<GraphQLNonNull<typeof GraphQLString>>>,
) => new GraphQLNonNull(new GraphQLList(type))

/** The directives by which the schema says who may select what: the gate and the printed schema read them. */
export const accessDirectives = [
  new GraphQLDirective({
    name: 'skipAuth',
    description: 'Open to everybody, signed in or not. Everything else asks for somebody who is signed in.',
    locations,
  }),
  new GraphQLDirective({
    name: 'requiresScopes',
    description: 'Asks for a credential with certain scopes.',
    locations,
    args: {
      scopes: {
        description: 'One of these lists must be had, with all of its scopes.',
        type: listOf(new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString)))),
      },
    },
  }),
]

/** Lets in who has any one of the scopes. A list of lists, because the gate answers 500 for a flat one. */
export function requiresOneOf(...scopes: readonly Scope[]) {
  return { requiresScopes: { scopes: scopes.map((scope) => [scope]) } }
}
