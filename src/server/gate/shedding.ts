import type { Plugin } from '@envelop/core'
import type { ExecutionArgs } from 'graphql'
import type { RequestFacts } from '../request-context.ts'
import type { Admission } from '../../services/operations/shedding/admission.ts'
import { workClasses } from '../../core/shedding.ts'
import type { WorkClasses } from './shedding-classes.ts'

/** Refuses operations that are too much for the moment, on every transport, before anything is executed. */
export function sheddingPlugin(admission: Pick<Admission, 'admit' | 'pressure'>, classes: WorkClasses): Plugin {
  const admit = ({ document, operationName, contextValue }: ExecutionArgs) => {
    if (admission.pressure === 0) return
    const workClass = classes.of(document, operationName)
    if (workClass === null) return
    const { admittedAs = null } = contextValue as Pick<RequestFacts, 'admittedAs'> // envelop's context is the one that was opened
    // What the door took as that, or as what is refused before it, has been asked already.
    if (admittedAs !== null && workClasses.indexOf(admittedAs) <= workClasses.indexOf(workClass)) return
    admission.admit(workClass)
  }
  return { onExecute: ({ args }) => admit(args), onSubscribe: ({ args }) => admit(args) }
}
