import {
  finishPasskeyRegistration,
  type ShownPasskeyAdded,
} from '../../resolvers/accounts/finish-passkey-registration.ts'
import { startPasskeyRegistration } from '../../resolvers/accounts/start-passkey-registration.ts'
import type { Refused } from '../../resolvers/refused.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { PasskeyChallengeRef } from './passkey-challenge.ts'
import type { PasskeyRef } from './passkey.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

export interface PasskeyParts {
  readonly refusals: Refusals
  readonly passkey: PasskeyRef
  readonly challenge: PasskeyChallengeRef
  readonly success: SignInSuccessRef
}

/** Adds `Mutation.startPasskeyRegistration` and `Mutation.finishPasskeyRegistration`. */
export function addPasskeyRegistration(builder: Builder, parts: PasskeyParts): void {
  addStart(builder, parts)
  addFinish(builder, parts)
}

function addStart(builder: Builder, { refusals, challenge }: PasskeyParts): void {
  const result = builder.unionType('StartPasskeyRegistrationResult', {
    description: 'How the beginning of a registration ended.',
    types: [challenge, refusals.quotaExceeded, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'PasskeyChallenge',
  })

  builder.mutationField('startPasskeyRegistration', (t) =>
    t.field({
      type: result,
      description:
        'Begins to set up a passkey: give the options to `navigator.credentials.create()`. Asks for factors that were shown within 5 minutes.',
      resolve: startPasskeyRegistration,
    }),
  )
}

function addFinish(builder: Builder, { refusals, passkey, success }: PasskeyParts): void {
  const added = builder.objectRef<ShownPasskeyAdded>('PasskeyAdded').implement({
    description: 'The passkey is a way in and a second factor from now on.',
    fields: (t) => ({
      passkey: t.field({ type: passkey, description: 'The new passkey.', resolve: (value) => value.passkey }),
      recoveryCodes: t.stringList({
        nullable: true,
        description:
          'With your first second factor: codes for when it is lost. They are shown this once; write them down.',
        resolve: ({ recoveryCodes }) => (recoveryCodes === null ? null : [...recoveryCodes]),
      }),
      renewed: t.field({
        type: success,
        description: 'Your session with its new tokens; with delivery COOKIE the answer sets the new cookie.',
        resolve: ({ renewed }) => renewed,
      }),
    }),
  })

  const result = builder.unionType('FinishPasskeyRegistrationResult', {
    description: 'How a registration ended.',
    types: [
      added,
      refusals.invalidInput,
      refusals.invalidChallenge,
      refusals.invalidCode,
      refusals.alreadyEnrolled,
      refusals.quotaExceeded,
      refusals.rateLimited,
    ],
    resolveType: (value: ShownPasskeyAdded | Refused) => refusalTypeName(value) ?? 'PasskeyAdded',
  })

  builder.mutationField('finishPasskeyRegistration', (t) =>
    t.field({
      type: result,
      description: checksCredential(
        'Sets up the passkey that the browser made. Sessions of yours in which one factor only was ever shown end, but for this one.',
      ),
      args: {
        challengeToken: t.arg.string({ required: true, description: 'From `startPasskeyRegistration`; works once.' }),
        response: t.arg({
          type: 'JSON',
          required: true,
          description: 'The credential that `create()` gave: its `toJSON()`, `RegistrationResponseJSON`.',
        }),
        name: t.arg.string({ description: 'What to call it, 1 to 100 characters. By default where it is kept.' }),
      },
      resolve: finishPasskeyRegistration,
    }),
  )
}
