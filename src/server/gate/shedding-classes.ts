import { type DocumentNode, getOperationAST, type GraphQLSchema } from 'graphql'
import type { WorkClass } from '../../core/shedding.ts'
import { requiredScopes } from './directives.ts'
import { rootFields } from './root-fields.ts'

/**
 * What is never refused for load, whoever asks: what makes less of it, the ways out, and what administrators see and do about it.
 * Each of these is little work, and for those who may not, none.
 */
export const neverShed: { readonly query: ReadonlySet<string>; readonly mutation: ReadonlySet<string> } = {
  query: new Set(['systemStatus', 'clusterStatus', 'alerts']),
  mutation: new Set([
    'cancelJob',
    'signOut',
    'signOutEverywhere',
    'revokeApiKey',
    'revokeInvite',
    'revokeOtherSessions',
    'revokeSession',
    'revokeUserSessions',
    'setLogLevel',
    'setMaintenance',
    'captureHeapSnapshot',
  ]),
}

/** Mutations of other scopes that bring bytes. */
const uploads: readonly string[] = ['uploadArtifact']

/** What operations are as far as load goes. */
export interface WorkClasses {
  /** `null`: it is never refused. */
  of(document: DocumentNode, operationName: string | null | undefined): WorkClass | null
  /**
   * A guess by the text of a request that was not read yet: it costs next to nothing, and is right for what clients usually send.
   * `null` wherever something that is never refused may be meant.
   */
  guess(text: string): WorkClass | null
}

/** The classes of a schema: a job is whatever asks for the scope to enter one. */
export function createWorkClasses(schema: GraphQLSchema): WorkClasses {
  const jobs = fieldsWithScope(schema, 'jobs:write').filter((name) => !neverShed.mutation.has(name))
  const work: ReadonlySet<string> = new Set([...jobs, ...uploads])
  const known = new WeakMap<DocumentNode, Map<string | null, WorkClass | null>>()
  const exempt = anyOf([...neverShed.query, ...neverShed.mutation])
  const worksByText = new RegExp(String.raw`\b(?:${[...work].join('|')})\s*\(`)

  function classify(document: DocumentNode, operationName: string | null): WorkClass | null {
    const operation = getOperationAST(document, operationName)
    if (operation === null || operation === undefined) return 'read'
    if (operation.operation === 'subscription') return 'change'
    const fields = rootFields(document, operation.selectionSet).filter((name) => name !== '__typename')
    if (
      fields.length > 0 &&
      fields.every((name) => neverShed[operation.operation === 'query' ? 'query' : 'mutation'].has(name))
    )
      return null
    if (operation.operation === 'query') return 'read'
    return fields.some((name) => work.has(name)) ? 'work' : 'change'
  }

  return {
    of(document, operationName = null) {
      const byName = known.get(document) ?? new Map<string | null, WorkClass | null>()
      known.set(document, byName)
      const before = byName.get(operationName)
      if (before !== undefined) return before
      const found = classify(document, operationName)
      // A name that is in no document is made up, and would be kept for as long as the document.
      if (byName.size < mostNames) byName.set(operationName, found)
      return found
    },
    guess(text) {
      if (exempt.test(text)) return null
      if (/"query"\s*:\s*"\s*subscription\b/.test(text)) return 'change'
      if (!/"query"\s*:\s*"\s*mutation\b/.test(text)) return 'read'
      return worksByText.test(text) ? 'work' : 'change'
    },
  }
}

/** How many operations of a document are remembered. */
const mostNames = 16

function fieldsWithScope(schema: GraphQLSchema, scope: string): readonly string[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {})
    .filter((field) => requiredScopes(field)?.some((scopes) => scopes.some((one) => one === scope)) ?? false)
    .map(({ name }) => name)
}

function anyOf(names: readonly string[]): RegExp {
  return new RegExp(names.join('|'))
}
