import {
  type DocumentNode,
  getOperationAST,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { Scope } from '../../core/principal.ts'
import type { WorkClass } from '../../core/shedding.ts'
import { requiredScopes } from './directives.ts'
import { rootFields } from './root-fields.ts'
import { waysIn } from './ways-in.ts'

/** What users are spared the refusal of, up to a rate: what makes less load, and the ways out. Each of these is little work. */
export const sparedMutations: ReadonlySet<string> = new Set([
  'cancelJob',
  'signOut',
  'signOutEverywhere',
  'revokeApiKey',
  'revokeOtherSessions',
  'revokeSession',
])

/** What administrators need on their way to fields that are theirs alone. */
const stepUp: readonly string[] = ['startStepUp', 'completeStepUp']

/** Mutations of other scopes that bring bytes. */
const uploads: readonly string[] = ['uploadArtifact']

/** What operations are as far as load goes. */
export interface WorkClasses {
  /** `null`: a change that is spared, one such field and no other. */
  of(document: DocumentNode, operationName: string | null | undefined): WorkClass | null
  /** A guess by the text of a request that was not read yet: it costs next to nothing, and is right for what clients usually send. */
  guess(text: string): WorkClass
  /** Whether the text of a request has the name of anything that users are spared, or that is for administrators. */
  maySpare(text: string): boolean
}

/** The classes of a schema: a job is whatever asks for the scope to enter one. */
export function createWorkClasses(schema: GraphQLSchema): WorkClasses {
  const jobs = namesWithScope(schema.getMutationType(), 'jobs:write').filter((name) => !sparedMutations.has(name))
  const work: ReadonlySet<string> = new Set([...jobs, ...uploads])
  const known = new WeakMap<DocumentNode, Map<string | null, WorkClass | null>>()
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const ofAdministrators = types.flatMap((type) => namesWithScope(type, 'admin'))
  const sparedByText = new RegExp(String.raw`\b(?:${[...sparedMutations, ...stepUp, ...ofAdministrators].join('|')})\b`)
  const entersByText = new RegExp(String.raw`\b(?:${waysIn.join('|')})\b`)
  const worksByText = new RegExp(String.raw`\b(?:${[...work].join('|')})\s*\(`)

  function classify(document: DocumentNode, operationName: string | null): WorkClass | null {
    const operation = getOperationAST(document, operationName)
    if (operation === null || operation === undefined) return 'read'
    if (operation.operation === 'subscription') return 'change'
    if (operation.operation === 'query') return 'read'
    if (isSpared(operation)) return null
    const fields = rootFields(document, operation.selectionSet)
    if (fields.some((name) => work.has(name))) return 'work'
    // Refused last, as queries are; passwords have a queue of their own.
    const others = fields.filter((name) => name !== '__typename')
    return others.length > 0 && others.every((name) => waysIn.includes(name)) ? 'read' : 'change'
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
      const begins = beginning.exec(text)?.[1]
      if (begins === 'subscription' || (begins === 'fragment' && laterSubscription.test(text))) return 'change'
      if (begins !== 'mutation' && !(begins === 'fragment' && laterMutation.test(text))) return 'read'
      if (worksByText.test(text)) return 'work'
      return entersByText.test(text) ? 'read' : 'change'
    },
    maySpare: (text) => sparedByText.test(text),
  }
}

/**
 * The keyword with which a document begins, in the JSON text of a request (bytes as Latin-1): behind white space, commas, a byte order
 * mark and comments. No two of its parts begin alike, and none goes beyond the end of a string, so that it takes linear time.
 */
const ignored = String.raw`(?:\\[nrt]|\\ufeff|\xef\xbb\xbf|[\s,]|#(?:[^"\\]|\\[^nr])*\\[nr])*`
const beginning = new RegExp(String.raw`"query"\s*:\s*"${ignored}(mutation|subscription|fragment)\b`)
/** Behind a fragment; without comments, for which each brace would be looked at up to the end. */
const laterMutation = /\}(?:\\[nrt]|[\s,])*mutation\b/
const laterSubscription = /\}(?:\\[nrt]|[\s,])*subscription\b/

/** How many operations of a document are remembered. */
const mostNames = 16

/** Whether there is one field of what is spared, once: of many, be it under other names, none is. */
function isSpared({ selectionSet: { selections } }: OperationDefinitionNode): boolean {
  const [only, ...others] = selections.filter((one) => one.kind !== Kind.FIELD || one.name.value !== '__typename')
  return only?.kind === Kind.FIELD && others.length === 0 && sparedMutations.has(only.name.value)
}

function namesWithScope(type: GraphQLObjectType | null | undefined, scope: Scope): readonly string[] {
  return Object.values(type?.getFields() ?? {})
    .filter((field) => requiredScopes(field)?.some((scopes) => scopes.includes(scope)) ?? false)
    .map(({ name }) => name)
}
