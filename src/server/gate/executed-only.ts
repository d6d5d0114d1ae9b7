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

/** Leaves the named operation and its fragments; all, where none is named. */
function dropOthers(args: OperationChoice): void {
  if (typeof args.operationName !== 'string') return
  args.document = separateOperations(args.document)[args.operationName] ?? args.document
}
