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
import type { RequestContext } from '../../resolvers/context.ts'
import type { OperationParams } from '../operation.ts'
import type { MaskError } from '../streams/handlers.ts'
import { errorMasking, maskResult } from './error-masking.ts'
import { graphqlAnswer, type ResultMediaType } from './graphql-answer.ts'
import type { HttpAnswer } from './http-answer.ts'
import { schemaPrivacy } from './schema-privacy.ts'

export interface YogaServerOptions {
  readonly schema: GraphQLSchema
  /** What stands before execution, such as the gate. */
  readonly plugins: readonly Plugin[]
  /** Further validation rules, such as the limits of an operation. */
  readonly rules: readonly ValidationRule[]
  readonly maxTokens: number
  /** Whether everyone may read the schema; otherwise who has signed in. */
  readonly introspection: boolean
  readonly maskError: MaskError
}

/** An operation as plain values. */
export interface HttpOperation {
  readonly method: 'GET' | 'POST'
  readonly params: OperationParams
  readonly mediaType: ResultMediaType
}

/** GraphQL behind all plugins. */
export interface GraphQLServer {
  /** The phases one by one, for the other transports. Each operation needs a context object of its own. */
  readonly getEnveloped: YogaServerInstance<object, object>['getEnveloped']
  /** Runs a query or mutation. Never throws: what went wrong is in the answer. */
  answer(operation: HttpOperation, context: RequestContext): Promise<HttpAnswer>
}

/** The operation of a request that is on its way through yoga. */
type Pending = WeakMap<Request, HttpOperation>

/** Yoga as the pipeline of queries and mutations. What is HTTP about them (bodies, headers, origins) is done before and after. */
export function createYogaServer(options: YogaServerOptions): GraphQLServer {
  const pending: Pending = new WeakMap()
  const yoga = createYoga<RequestContext>({
    schema: options.schema,
    plugins: [
      boundedParser(options.maxTokens),
      validationRules(options.rules),
      ...(options.introspection ? [] : [schemaPrivacy()]),
      ...options.plugins,
      errorMasking(options.maskError),
      plainValues(pending, options.maskError),
    ],
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: false,
  })
  return {
    getEnveloped: yoga.getEnveloped,
    async answer(operation, context) {
      const request: Request = new yoga.fetchAPI.Request('http://localhost/graphql', { method: operation.method })
      pending.set(request, operation)
      const response = await yoga.fetch(request, { ...context })
      response.headers.delete('content-length')
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
    },
  }
}

/** Hands yoga the operation that was already read, and writes the answer by our rules. */
function plainValues(pending: Pending, mask: MaskError): Plugin<RequestContext, RequestContext> {
  return {
    onRequestParse({ request, setRequestParser }) {
      const { query, variables, operationName, extensions } = operationOf(pending, request).params
      setRequestParser(() => ({
        query,
        ...(variables ? { variables } : {}),
        ...(operationName ? { operationName } : {}),
        ...(extensions ? { extensions } : {}),
      }))
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const request: unknown = Reflect.get(args.contextValue, 'request')
      if (!(typeof request === 'object' && request !== null && pending.has(request as Request))) return // looked up only
      const message =
        'A subscription is answered as text/event-stream, as application/vnd.millrace.poll+json or over WebSocket.'
      const error = mask(new Refusal('BAD_REQUEST', message), args.contextValue.requestId)
      setResultAndStopExecution({ errors: [error] })
    },
    onResultProcess({ request, serverContext, setResultProcessor }) {
      const { mediaType } = operationOf(pending, request)
      setResultProcessor((result, fetchAPI) => {
        if (Array.isArray(result) || Symbol.asyncIterator in result)
          throw new TypeError('Only single results come here.')
        const answer = graphqlAnswer(maskResult(result, serverContext.requestId, mask), mediaType)
        return new fetchAPI.Response(answer.body, { status: answer.status, headers: answer.headers })
      }, mediaType)
    },
  }
}

function operationOf(pending: Pending, request: Request): HttpOperation {
  const operation = pending.get(request)
  if (operation === undefined) throw new TypeError('A request came to yoga without its operation.')
  return operation
}

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
