import { handleStreamOrSingleExecutionResult } from '@envelop/core'
import { GraphQLError, NoSchemaIntrospectionCustomRule, validate } from 'graphql'
import type { DocumentNode, ExecutionResult, GraphQLSchema, ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { RequestContext } from '../../resolvers/context.ts'

/**
 * Keeps the schema from callers who have not signed in: no introspection, and no suggestions in error messages, from which
 * the names can be guessed one by one.
 */
export function schemaPrivacy(): Plugin<RequestContext> {
  return {
    onValidate({ context, addValidationRule, setValidationFn }) {
      if (!isStranger(context)) return
      // The rule also keeps apart the cached validation results of strangers, whose messages lack the suggestions.
      addValidationRule(NoSchemaIntrospectionCustomRule)
      setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]) =>
        validate(schema, document, rules, { hideSuggestions: true }),
      )
    },
    onExecute({ args }) {
      if (!isStranger(args.contextValue)) return undefined
      return { onExecuteDone: (payload) => handleStreamOrSingleExecutionResult(payload, hideSuggestions) }
    },
    onSubscribe({ args }) {
      if (!isStranger(args.contextValue)) return undefined
      return { onSubscribeResult: (payload) => handleStreamOrSingleExecutionResult(payload, hideSuggestions) }
    },
  }
}

interface Outcome {
  readonly result: ExecutionResult
  setResult(result: ExecutionResult): void
}

/** The executor has no setting for it: what it says of variables still names what may have been meant. */
function hideSuggestions({ result, setResult }: Outcome): void {
  if (result.errors === undefined) return
  const errors = result.errors.map((error) => {
    const message = error.message.replace(/ Did you mean [^?]*\?/g, '')
    return message === error.message ? error : new GraphQLError(message, error)
  })
  setResult({ ...result, errors })
}

function isStranger(context: unknown): boolean {
  const principal: unknown = typeof context === 'object' && context !== null ? Reflect.get(context, 'principal') : null
  return typeof principal !== 'object' || principal === null || Reflect.get(principal, 'kind') === 'anonymous'
}
