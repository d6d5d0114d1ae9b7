import type { ShownEntry } from '../../resolvers/accounts/shown-session.ts'
import type { Refused } from '../../resolvers/refused.ts'
import type { MfaRequired } from '../../services/accounts/entered.ts'
import type { Builder } from '../builder.ts'
import { refusalTypeName } from '../refusals.ts'

/** Adds what a first factor answers when a second one is asked for. */
export function addMfaRequired(builder: Builder) {
  const mfaMethod = builder.enumType('MfaMethod', {
    description: 'A way to show a second factor.',
    values: {
      TOTP: { description: 'A code of an authenticator app.' },
      RECOVERY_CODE: { description: 'One of the recovery codes, when the factor itself is lost.' },
      PASSKEY: { description: 'A passkey, or a security key.' },
    } as const,
  })

  const mfaRequired = builder.objectRef<MfaRequired>('MfaRequired').implement({
    description: 'The first factor was right; show a second one with `completeMfa`. Until then there is no session.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      challengeToken: t.exposeString('challengeToken', { description: 'What `completeMfa` takes; works once.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the challenge is over: 5 minutes from now.',
      }),
      methods: t.field({
        type: [mfaMethod],
        description: 'What can be shown.',
        resolve: ({ methods }) => [...methods],
      }),
      passkeyOptions: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'For `navigator.credentials.get()`, as `PublicKeyCredentialRequestOptionsJSON`; null without a passkey.',
        resolve: ({ passkeyOptions }) => passkeyOptions,
      }),
      attemptsRemaining: t.exposeInt('attemptsRemaining', { description: 'How often it may be tried.' }),
    }),
  })

  return { mfaRequired, mfaMethod }
}

export type MfaRequiredRef = ReturnType<typeof addMfaRequired>['mfaRequired']
export type MfaMethodRef = ReturnType<typeof addMfaRequired>['mfaMethod']

/** The member of a union of what a first factor leads to. */
export function entryTypeName(value: ShownEntry | Refused): string | undefined {
  if ('kind' in value) return value.kind === 'SIGNED_IN' ? 'SignInSuccess' : 'MfaRequired'
  return refusalTypeName(value)
}
