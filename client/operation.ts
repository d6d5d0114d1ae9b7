import type { DocumentNode } from 'graphql'

/** A GraphQL operation as it is sent. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

/**
 * A generated document that knows the types of its data and variables: the `TypedDocumentNode` or the
 * `TypedDocumentString` of GraphQL Code Generator, by the field that both of them declare.
 */
export type TypedDocument<Data, Variables> = (DocumentNode | { toString(): string; readonly length: number }) & {
  readonly __apiType?: ((variables: Variables) => Data) | undefined
}

/** An operation as its user writes it: a text, or a typed document, whose variables are then checked. */
export type TypedOperation<Data, Variables> = {
  readonly query: string | TypedDocument<Data, Variables>
  readonly operationName?: string
} & (Partial<Variables> extends Variables ? { readonly variables?: Variables } : { readonly variables: Variables })

/** Writes an operation out. The printer is only loaded for a document that is no text. */
export async function writeOut<Data, Variables>(operation: TypedOperation<Data, Variables>): Promise<Operation> {
  const { query, variables, operationName } = operation
  return {
    query: await textOf(query),
    // Variables of GraphQL are an object by their nature.
    ...(variables !== undefined && { variables: variables as Record<string, unknown> }),
    ...(operationName !== undefined && { operationName }),
  }
}

async function textOf(query: string | TypedDocument<unknown, never>): Promise<string> {
  if (typeof query === 'string' || !('kind' in query)) return query.toString()
  const { print } = await import('graphql')
  return print(query)
}
