import type { Plugin } from '@envelop/core'
import { useGenericAuth } from '@envelop/generic-auth'
import type { GraphQLError } from 'graphql'
import type { KnownPrincipal } from '../core/principal.ts'
import type { RequestContext } from '../resolvers/context.ts'
import { accessRule, denialOf } from './gate/access-rule.ts'
import { denialError } from './gate/denial.ts'
import { executedOnly } from './gate/executed-only.ts'
import { maintenancePlugin, type ReadMaintenance } from './gate/maintenance.ts'
import { noData } from './gate/no-data.ts'
import { onePerContext } from './gate/one-per-context.ts'

/**
 * The gate: nothing is executed unless the principal may select every field of the operation. Every field asks for somebody
 * who is signed in, unless it or its type is marked `@skipAuth`; `@requiresScopes` asks for more. During maintenance most
 * mutations are for administrators alone.
 */
export function gatePlugin(maintenance: ReadMaintenance): Plugin {
  // Its type says more of the context than a plugin may, and nobody here reads that.
  const auth: object = useGenericAuth<KnownPrincipal, RequestContext>({
    mode: 'protect-all',
    resolveUserFn: ({ principal }) => (principal.kind === 'anonymous' ? null : principal),
    validateUser: ({ executionArgs, parentType, fieldNode }): GraphQLError | undefined => {
      const rule = accessRule(executionArgs.schema, parentType, fieldNode.name.value)
      const { principal } = executionArgs.contextValue as RequestContext // envelop's context is the one that was opened
      const denial = denialOf(principal, rule)
      return denial === null ? undefined : denialError(denial, parentType.name, fieldNode)
    },
  })
  return {
    onPluginInit({ addPlugin }) {
      const inMaintenance = maintenancePlugin(maintenance)
      for (const plugin of [onePerContext, executedOnly, inMaintenance, noData, auth]) addPlugin(plugin)
    },
  }
}
