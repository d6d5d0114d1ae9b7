import {
  type DocumentNode,
  type GraphQLSchema,
  parse,
  type ParseOptions,
  type Source,
  type ValidationRule,
} from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { Refusal } from '../../core/errors.ts'
import { mayHoldCredential } from '../gate/one-credential-field.ts'
import { createDocumentCache } from './document-cache.ts'
import { schemaPrivacy } from './schema-privacy.ts'

export interface PipelineOptions {
  readonly schema: GraphQLSchema
  /** What stands before execution, such as the gate. */
  readonly plugins: readonly Plugin[]
  /** Further validation rules, such as the limits of an operation. */
  readonly rules: readonly ValidationRule[]
  readonly maxTokens: number
  /** Whether everyone may read the schema; otherwise who has signed in. */
  readonly introspection: boolean
}

/** The phases of an operation with all plugins around them. Each operation needs a context object of its own. */
export type Pipeline = YogaServerInstance<object, object>['getEnveloped']

/**
 * Yoga's plugin pipeline, the same for every transport. Its HTTP half is not used: bodies, headers and origins are read as
 * plain values before, and the WHATWG layer was measured to cost three quarters of a small request.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const yoga = createYoga({
    schema: options.schema,
    plugins: [
      boundedParser(options.maxTokens),
      validationRules(options.rules),
      ...(options.introspection ? [] : [schemaPrivacy()]),
      ...options.plugins,
    ],
    // Yoga's own caches hold a thousand documents and errors of any size, for an hour.
    parserAndValidationCache: { documentCache: createDocumentCache(cacheLimits), errorCache: noErrors },
    // The engine masks.
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
  })
  return yoga.getEnveloped
}

const cacheLimits = {
  maxTextLength: 8_192,
  maxCharacters: 1_000_000,
  isSecret: mayHoldCredential,
}

const noErrors = { get: () => undefined, set: () => {} }

/** Stops parsing at the limit, before a big document costs anything (graphql-js `maxLexicalTokens`). */
function boundedParser(maxTokens: number): Plugin {
  const bounded = (source: string | Source, options?: ParseOptions): DocumentNode => {
    try {
      return parse(source, { ...options, maxLexicalTokens: maxTokens })
    } catch (error) {
      const isOver = error instanceof Error && error.message.includes(`more than ${maxTokens} tokens`)
      throw isOver ? new Refusal('OPERATION_TOO_COSTLY', `The operation has more than ${maxTokens} tokens.`) : error
    }
  }
  return { onParse: ({ setParseFn }) => setParseFn(bounded) }
}

function validationRules(rules: readonly ValidationRule[]): Plugin {
  return {
    onValidate({ addValidationRule }) {
      for (const rule of rules) addValidationRule(rule)
    },
  }
}
