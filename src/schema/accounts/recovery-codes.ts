import { regenerateRecoveryCodes, type ShownRecoveryCodes } from '../../resolvers/accounts/regenerate-recovery-codes.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'

/** Adds `Mutation.regenerateRecoveryCodes`. */
export function addRecoveryCodes(builder: Builder, refusals: Refusals): void {
  const codes = builder.objectRef<ShownRecoveryCodes>('RecoveryCodes').implement({
    description: 'A new set of recovery codes.',
    fields: (t) => ({
      codes: t.stringList({
        description: 'Each works once, in place of a second factor. They are shown this once; write them down.',
        resolve: (value) => [...value.codes],
      }),
    }),
  })

  const result = builder.unionType('RegenerateRecoveryCodesResult', {
    description: 'How the making of recovery codes ended.',
    types: [codes, refusals.notEnrolled],
    resolveType: (value) => refusalTypeName(value) ?? 'RecoveryCodes',
  })

  builder.mutationField('regenerateRecoveryCodes', (t) =>
    t.field({
      type: result,
      description:
        'Makes new recovery codes; the old ones do not work any more. Asks for factors that were shown within 5 minutes.',
      resolve: regenerateRecoveryCodes,
    }),
  )
}
