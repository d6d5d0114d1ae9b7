import { mfaStatus } from '../../resolvers/accounts/mfa-status.ts'
import type { MfaStatus } from '../../services/accounts/factors/own-factors.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { MfaMethodRef } from './mfa-required.ts'

/** Adds `MfaStatus` and `Query.mfaStatus`. */
export function addMfaStatus(builder: Builder, mfaMethod: MfaMethodRef) {
  const status = builder.objectRef<MfaStatus>('MfaStatus').implement({
    description: 'How your second factors stand.',
    fields: (t) => ({
      methods: t.field({
        type: [mfaMethod],
        description: 'What you can show after a first factor; empty: you have no second one.',
        resolve: ({ methods }) => [...methods],
      }),
      recoveryCodesLeft: t.exposeInt('recoveryCodesLeft', { description: 'How many recovery codes are unused.' }),
      required: t.exposeBoolean('required', { description: 'Whether the operator asks you for a second factor.' }),
      assurance: t.exposeInt('assurance', { description: 'How many factors the present session counts for: 1 or 2.' }),
      freshUntil: t.expose('freshUntil', {
        type: 'DateTime',
        nullable: true,
        description:
          'Until when the session may do what is guarded, also when that is past; null: show a second factor first.',
      }),
    }),
  })

  builder.queryField('mfaStatus', (t) =>
    t.field({
      type: status,
      directives: requiresOneOf('account:read'),
      description: 'How your second factors stand. Not for API keys.',
      resolve: mfaStatus,
    }),
  )

  return status
}

export type MfaStatusRef = ReturnType<typeof addMfaStatus>
