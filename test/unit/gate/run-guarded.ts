import { createReadBudget } from '../../../src/services/jobs/read-budget.ts'
import { envelop, useEngine, useSchema } from '@envelop/core'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from 'graphql'
import { anonymous, type KnownPrincipal, type Principal, type Scope } from '../../../src/core/principal.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import { somebody as signedIn } from '../../support/principals.ts'
import { gatePlugin } from '../../../src/server/gate.ts'
import type { ReadMaintenance } from '../../../src/server/gate/maintenance.ts'

/** A context of which only the principal matters. */
export function contextOf(principal: Principal): RequestContext {
  return {
    principal,
    services: {} as RequestContext['services'], // the schemas under test call none
    requestId: 'test',
    client: { ip: null, userAgent: null, device: null, requestId: null },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
    resume: null,
    readBudget: createReadBudget(),
    publicUrl: 'http://localhost',
  }
}

export function somebody(...scopes: readonly Scope[]): KnownPrincipal {
  return signedIn({ scopes })
}

export interface Operation {
  readonly source: string
  readonly variableValues?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

/** What envelop gives for one request, as far as it is used here. */
interface Enveloped {
  readonly schema: GraphQLSchema
  parse(source: string): DocumentNode
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[]
  contextFactory(): Promise<unknown>
  execute(args: ExecutionArgs): Promise<ExecutionResult>
  subscribe(args: ExecutionArgs): Promise<ExecutionResult>
}

/** Steps that stand in for those of graphql-js. */
export interface Engine {
  readonly execute?: () => ExecutionResult
  readonly subscribe?: () => ExecutionResult
  readonly maintenance?: ReadMaintenance
}

/** Runs operations behind the gate, through the steps that every transport goes through. A stream is not run. */
export function createRunInContext(schema: GraphQLSchema, { maintenance = () => null, ...engine }: Engine = {}) {
  // The steps of envelop are not typed; these are the ones of graphql-js.
  const getEnveloped = envelop({
    plugins: [
      useEngine({ parse, validate, execute, subscribe, specifiedRules, ...engine }),
      useSchema(schema),
      gatePlugin(maintenance),
    ],
  }) as (context: object) => Enveloped

  return async ({ source, ...operation }: Operation, context: object): Promise<ExecutionResult> => {
    const enveloped = getEnveloped(context)
    const document = enveloped.parse(source)
    const errors = enveloped.validate(enveloped.schema, document)
    if (errors.length > 0) return { errors }
    const args = { schema: enveloped.schema, document, contextValue: await enveloped.contextFactory(), ...operation }
    const kind = getOperationAST(document, operation.operationName)?.operation
    return kind === 'subscription' ? enveloped.subscribe(args) : enveloped.execute(args)
  }
}

export type RunGuarded = (operation: string | Operation, principal?: Principal) => Promise<ExecutionResult>

/** The same for a principal, in a context of its own. */
export function createRunGuarded(schema: GraphQLSchema, engine: Engine = {}): RunGuarded {
  const run = createRunInContext(schema, engine)
  return (operation, principal = anonymous) =>
    run(typeof operation === 'string' ? { source: operation } : operation, contextOf(principal))
}

/** The codes of a result's errors. */
export function refusalsOf({ errors = [] }: ExecutionResult): readonly unknown[] {
  return errors.map(({ extensions }) => extensions['code'])
}
