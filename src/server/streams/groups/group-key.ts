import { type DocumentNode, type GraphQLSchema, print } from 'graphql'
import { canonicalJson } from '../../../core/canonical-json.ts'
import type { Principal } from '../../../core/principal.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { SharedOperation } from './execution.ts'

export interface GroupIdentity {
  readonly operation: SharedOperation
  /** With the one operation only. */
  readonly document: DocumentNode
  readonly topic: string
  readonly viewer: Principal
}

/** What makes the keys of groups: equal for those who asked the same of the same schema and may see the same. */
export function createGroupKeys(): (identity: GroupIdentity) => string {
  // Tasks can be taken in anew while the server runs; the operations of before go on with the schema of before.
  const schemas = new WeakMap<GraphQLSchema, number>()
  const texts = new WeakMap<DocumentNode, string>()
  let known = 0

  function numberOf(schema: GraphQLSchema): number {
    const number = schemas.get(schema) ?? (known += 1)
    schemas.set(schema, number)
    return number
  }

  /** A document that is asked again and again is parsed once, and so written once. */
  function textOf(document: DocumentNode): string {
    const text = texts.get(document) ?? print(document)
    texts.set(document, text)
    return text
  }

  return ({ operation, document, topic, viewer }) => {
    const { schema, variableValues } = operation
    const name = operation.operation.name?.value ?? null
    const values = variableValues.coerced
    // What is long and chosen by strangers is not kept.
    return sha256(canonicalJson([numberOf(schema), topic, textOf(document), name, values, viewer]))
  }
}
