import type { GraphQLSchema } from 'graphql'
import { canonicalJson } from '../../../core/canonical-json.ts'
import type { Principal } from '../../../core/principal.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { OperationParams } from '../../operation.ts'

export interface GroupIdentity {
  readonly schema: GraphQLSchema
  readonly topic: string
  readonly params: OperationParams
  readonly viewer: Principal
}

/** What makes the keys of groups: equal for those who asked the same of the same schema and may see the same. */
export function createGroupKeys(): (identity: GroupIdentity) => string {
  // Tasks can be taken in anew while the server runs; the operations of before go on with the schema of before.
  const schemas = new WeakMap<GraphQLSchema, number>()
  let known = 0

  function numberOf(schema: GraphQLSchema): number {
    const number = schemas.get(schema) ?? (known += 1)
    schemas.set(schema, number)
    return number
  }

  return ({ schema, topic, params, viewer }) => {
    const { query, operationName = null, variables = null } = params
    // What is long and chosen by strangers is not kept.
    return sha256(canonicalJson([numberOf(schema), topic, query, operationName, variables, viewer]))
  }
}
