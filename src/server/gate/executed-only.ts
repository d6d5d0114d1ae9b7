import type { Plugin } from '@envelop/core'
import { type DocumentNode, separateOperations } from 'graphql'

/** The auth library checks every operation of the document: a public one could not stand beside one that is not. */
export const executedOnly: Plugin = {
  onExecute: ({ args }) => dropOthers(args),
  onSubscribe: ({ args }) => dropOthers(args),
}

interface OperationChoice {
  document: DocumentNode
  readonly operationName?: string | null | undefined
}

/** The operations of a document by name, for as long as the document is at hand. */
const separated = new WeakMap<DocumentNode, Readonly<Record<string, DocumentNode>>>()

/** Leaves the named operation and its fragments; all, where none is named. */
function dropOthers(args: OperationChoice): void {
  if (typeof args.operationName !== 'string') return
  const operations = separated.get(args.document) ?? separateOperations(args.document)
  separated.set(args.document, operations)
  args.document = operations[args.operationName] ?? args.document
}
