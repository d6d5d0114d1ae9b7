import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { anonymous, type Principal } from '../../../core/principal.ts'
import { allWhoMay } from '../../../schema/viewers.ts'

/**
 * Who an event is executed for: all about a principal that a result may depend on, and nothing of one connection. Those whose
 * viewers are equal may share an execution. What is left out (how long ago the factors were shown, when the credential
 * ends, which of a session's credentials it was) is set to what lets in least.
 */
export function viewerOf(principal: Principal): Principal {
  if (principal.kind === 'anonymous') return anonymous
  return {
    ...principal,
    scopes: principal.scopes.toSorted(),
    roles: principal.roles.toSorted(),
    authenticatedAt: 0,
    generation: null,
    expiresAt: null,
  }
}

/**
 * Says whether the result of an operation is the same for all who may ask for it: every field that it reaches says so. It is
 * then executed for nobody: a field that says so and asks for the viewer in spite of it finds none. The document holds the
 * one operation only.
 */
export type IsForAllWhoMay = (schema: GraphQLSchema, document: DocumentNode) => boolean

export function createSharing(): IsForAllWhoMay {
  const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, boolean>>()
  return (schema, document) => {
    const ofSchema = known.get(schema) ?? new WeakMap<DocumentNode, boolean>()
    known.set(schema, ofSchema)
    const isShared = ofSchema.get(document) ?? reachesMarkedOnly(schema, document)
    ofSchema.set(document, isShared)
    return isShared
  }
}

function reachesMarkedOnly(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema)
  let isShared = true
  const visitor = visitWithTypeInfo(types, {
    Field({ name }) {
      if (name.value === '__typename') return
      const parent = types.getParentType()
      const field = types.getFieldDef()
      const behind = isInterfaceType(parent)
        ? schema.getPossibleTypes(parent).map((type) => type.getFields()[name.value])
        : []
      if (!isMarked(field) || !behind.every(isMarked)) isShared = false
    },
  })
  visit(document, visitor)
  return isShared
}

/** Whether the field says that its value cannot depend on who asks. */
function isMarked(field: GraphQLField<unknown, unknown> | null | undefined): boolean {
  return field?.extensions['viewers'] === allWhoMay
}

/** All fields of the schema that say so, as `Type.field`. */
export function markedFields(schema: GraphQLSchema): readonly string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields())
      .filter(isMarked)
      .map((field) => `${type.name}.${field.name}`)
  })
}
