import type { PasskeyChallenge } from '../../services/accounts/passkeys/passkey-challenge.ts'
import type { Builder } from '../builder.ts'

/** Adds what every ceremony with a passkey begins with. */
export function addPasskeyChallenge(builder: Builder) {
  return builder.objectRef<PasskeyChallenge>('PasskeyChallenge').implement({
    description:
      'A ceremony with a passkey has begun: hand the options to the browser, and its answer to the mutation that finishes it.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      challengeToken: t.exposeString('challengeToken', { description: 'What finishes it; works once.' }),
      options: t.field({
        type: 'JSON',
        description:
          '`PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`, for `navigator.credentials.create()` or `get()`.',
        resolve: ({ options }) => options,
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it is over: 5 minutes from now.' }),
    }),
  })
}

export type PasskeyChallengeRef = ReturnType<typeof addPasskeyChallenge>
