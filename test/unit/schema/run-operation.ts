import { execute, type GraphQLSchema, parse } from 'graphql'
import type { RequestContext } from '../../../src/resolvers/context.ts'

export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly path?: readonly unknown[] }[]
}

/** Runs an operation; what it answers, as it would go over the wire. */
export async function runOperation(
  schema: GraphQLSchema,
  source: string,
  contextValue: RequestContext,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const result = await execute({ schema, document: parse(source), contextValue, variableValues })
  return JSON.parse(JSON.stringify(result)) as Answer
}
