import { completeStepUp } from '../../resolvers/accounts/complete-step-up.ts'
import { startStepUp } from '../../resolvers/accounts/start-step-up.ts'
import type { StepUpChallenge } from '../../services/accounts/factors/step-up.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import { entryTypeName } from './mfa-required.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

export interface StepUpParts {
  readonly refusals: Refusals
  readonly success: SignInSuccessRef
}

/** Adds `Mutation.startStepUp` and `Mutation.completeStepUp`. */
export function addStepUp(builder: Builder, parts: StepUpParts): void {
  addStart(builder, parts)
  addComplete(builder, parts)
}

function addChallenge(builder: Builder) {
  const method = builder.enumType('StepUpMethod', {
    description: 'A way to show again who one is.',
    values: {
      PASSWORD: { description: 'The password: for accounts without a second factor.' },
      TOTP: { description: 'A code of an authenticator app.' },
      RECOVERY_CODE: { description: 'One of the recovery codes, when the factor itself is lost.' },
      PASSKEY: { description: 'A passkey, or a security key.' },
    } as const,
  })

  return builder.objectRef<StepUpChallenge>('StepUpChallenge').implement({
    description: 'Show one of the methods with `completeStepUp`, in the same session.',
    fields: (t) => ({
      challengeToken: t.exposeString('challengeToken', { description: 'What `completeStepUp` takes; works once.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the challenge is over: 5 minutes from now.',
      }),
      methods: t.field({ type: [method], description: 'What can be shown.', resolve: ({ methods }) => [...methods] }),
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
}

function addStart(builder: Builder, { refusals }: StepUpParts): void {
  const result = builder.unionType('StartStepUpResult', {
    description: 'How the beginning of a step-up ended.',
    types: [addChallenge(builder), refusals.notEnrolled, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'StepUpChallenge',
  })

  builder.mutationField('startStepUp', (t) =>
    t.field({
      type: result,
      description:
        'Asks for your factors once more, for what answers `STEP_UP_REQUIRED`. An account with neither a password nor a second factor signs in again with its provider instead.',
      resolve: startStepUp,
    }),
  )
}

function addComplete(builder: Builder, { refusals, success }: StepUpParts): void {
  const proof = builder.inputType('StepUpProof', {
    description: 'What is shown again: exactly one of these, as the challenge says.',
    isOneOf: true,
    fields: (t) => ({
      password: t.string({ description: 'The password, exactly as it was set.' }),
      totpCode: t.string({ description: 'The six digits that the authenticator app shows; spaces do not matter.' }),
      recoveryCode: t.string({ description: 'One of the recovery codes; case, spaces and hyphens do not matter.' }),
      passkey: t.field({
        type: 'JSON',
        description: 'What `navigator.credentials.get()` gave for `passkeyOptions`: `AuthenticationResponseJSON`.',
      }),
    }),
  })

  const result = builder.unionType('CompleteStepUpResult', {
    description: 'How a step-up ended.',
    types: [success, refusals.invalidCode, refusals.invalidChallenge, refusals.rateLimited],
    resolveType: entryTypeName,
  })

  builder.mutationField('completeStepUp', (t) =>
    t.field({
      type: result,
      description: checksCredential(
        'Shows your factors again. Your session goes on with a new cookie or new tokens: the old ones do not work any more. What is guarded is open for 5 minutes.',
      ),
      args: {
        challengeToken: t.arg.string({ required: true, description: 'From `startStepUp`.' }),
        proof: t.arg({ type: proof, required: true, description: 'What is shown.' }),
      },
      resolve: completeStepUp,
    }),
  )
}
