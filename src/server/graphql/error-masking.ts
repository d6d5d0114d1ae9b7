import { handleStreamOrSingleExecutionResult } from '@envelop/core'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { RequestContext } from '../../resolvers/context.ts'
import type { MaskError } from './mask-error.ts'

/** Sends every error of every phase through the mask, whichever transport runs the operation. */
export function errorMasking(mask: MaskError): Plugin<RequestContext> {
  return {
    onPluginInit({ registerContextErrorHandler }) {
      registerContextErrorHandler(({ error, setError, context }) => setError(mask(error, requestIdOf(context))))
    },
    onExecute: () => ({
      onExecuteDone: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ args, result, setResult }) => {
          setResult(maskResult(result, requestIdOf(args.contextValue), mask))
        }),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) => {
          setResult(maskResult(result, requestIdOf(args.contextValue), mask))
        }),
      onSubscribeError({ error, setError }) {
        setError(mask(error, requestIdOf(args.contextValue)))
      },
    }),
  }
}

/** The result with all its errors masked. */
function maskResult(result: ExecutionResult, requestId: string, mask: MaskError): ExecutionResult {
  if (result.errors === undefined) return result
  return { ...result, errors: result.errors.map((error: GraphQLError) => mask(error, requestId)) }
}

function requestIdOf(context: unknown): string {
  const id: unknown = typeof context === 'object' && context !== null ? Reflect.get(context, 'requestId') : null
  return typeof id === 'string' ? id : 'unknown'
}
