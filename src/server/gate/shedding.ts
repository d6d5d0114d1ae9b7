import type { Plugin } from '@envelop/core'
import type { ExecutionArgs } from 'graphql'
import { workClasses } from '../../core/shedding.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import type { Admission } from '../../services/operations/shedding/admission.ts'
import type { RequestFacts } from '../request-context.ts'
import { isAdministrator } from './maintenance.ts'
import { createAllowances } from './shedding-allowance.ts'
import type { WorkClasses } from './shedding-classes.ts'

/** How many operations a user is spared, with all credentials together, and for how many users that is known. */
const sparedOfUser = { burst: 10, perSecond: 1 }
const mostUsers = 1_000

/** What the gate looks at of a context. */
type Asking = Pick<RequestContext, 'principal'> & Pick<RequestFacts, 'admittedAs'>

/**
 * Refuses operations that are too much for the moment, on every transport, before anything is executed. Nothing of administrators
 * is refused; cancels and ways out of other users are not up to a rate, beyond which they are changes.
 */
export function sheddingPlugin(
  admission: Pick<Admission, 'admit' | 'pressure'>,
  classes: Pick<WorkClasses, 'of'>,
): Plugin {
  const spares = createAllowances(sparedOfUser, mostUsers)

  const admit = ({ document, operationName, contextValue }: ExecutionArgs) => {
    if (admission.pressure === 0) return
    const { principal, admittedAs = null } = contextValue as Asking // envelop's context is the one that was opened
    if (isAdministrator(principal)) return
    const found = classes.of(document, operationName)
    const workClass = found ?? 'change'
    // What the door took as that, or as what is refused before it, has been asked already.
    if (admittedAs !== null && workClasses.indexOf(admittedAs) <= workClasses.indexOf(workClass)) return
    if (found === null && principal.kind !== 'anonymous' && spares(principal.userId)) return
    admission.admit(workClass)
  }
  return { onExecute: ({ args }) => admit(args), onSubscribe: ({ args }) => admit(args) }
}
