import type { Plugin } from '@envelop/core'
import { type ExecutionArgs, getOperationAST } from 'graphql'
import { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { Maintenance } from '../../core/runtime-settings.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import { rootFields } from './root-fields.ts'
import { waysIn } from './ways-in.ts'

/** Says whether there is maintenance. Asked before each mutation. */
export type ReadMaintenance = () => Maintenance | null

/** The mutations that everybody may send during maintenance: the ways in and out, so that administrators come in, and less work. */
export const allowedInMaintenance: ReadonlySet<string> = new Set([
  ...waysIn,
  'signOut',
  'signOutEverywhere',
  'revokeSession',
  'revokeOtherSessions',
  'cancelJob',
])

/** When it is worth looking again, in seconds: nobody knows when it ends. */
const retryAfterSeconds = 30

/** Throws `MAINTENANCE`, with the administrator's message, unless the principal may change things in spite of it. */
export function assertMayChangeThings(principal: Principal, maintenance: Maintenance | null): void {
  if (maintenance === null || isAdministrator(principal)) return
  throw new Refusal('MAINTENANCE', maintenance.message, { retryAfterSeconds })
}

/** Refuses mutations during maintenance, on every transport and with every credential, before anything is executed. */
export function maintenancePlugin(read: ReadMaintenance): Plugin {
  return {
    onExecute({ args }) {
      const maintenance = read()
      if (maintenance === null || isAllowed(args)) return
      const { principal } = args.contextValue as RequestContext // envelop's context is the one that was opened
      assertMayChangeThings(principal, maintenance)
    },
  }
}

/**
 * An administrator who has yet to set up a second factor has none of the scopes, but must come in; an API key of an
 * administrator does what its scopes say.
 */
export function isAdministrator(principal: Principal): boolean {
  if (principal.kind === 'anonymous' || !principal.roles.includes('admin')) return false
  return principal.kind === 'user' || principal.scopes.includes('admin')
}

function isAllowed({ document, operationName }: Pick<ExecutionArgs, 'document' | 'operationName'>): boolean {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== 'mutation') return true
  return rootFields(document, operation.selectionSet).every(
    (name) => name === '__typename' || allowedInMaintenance.has(name),
  )
}
