import { confirmTotp, type ShownTotpConfirmed } from '../../resolvers/accounts/confirm-totp.ts'
import { enrollTotp } from '../../resolvers/accounts/enroll-totp.ts'
import { removeTotp } from '../../resolvers/accounts/remove-totp.ts'
import type { TotpEnrolment } from '../../services/accounts/factors/totp.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { MfaStatusRef } from './mfa-status.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

export interface TotpParts {
  readonly refusals: Refusals
  readonly success: SignInSuccessRef
  readonly status: MfaStatusRef
}

/** Adds `Mutation.enrollTotp`, `Mutation.confirmTotp` and `Mutation.removeTotp`. */
export function addTotp(builder: Builder, parts: TotpParts): void {
  addEnroll(builder, parts)
  addConfirm(builder, parts)
  addRemove(builder, parts)
}

function addEnroll(builder: Builder, { refusals }: TotpParts): void {
  const enrolment = builder.objectRef<TotpEnrolment>('TotpEnrolment').implement({
    description: 'A secret for an authenticator app. It is shown this once, and is no factor until `confirmTotp`.',
    fields: (t) => ({
      secret: t.exposeString('secret', { description: 'To be typed in, in base 32: 6 digits, every 30 seconds.' }),
      otpauthUri: t.exposeString('otpauthUri', { description: 'The same as a link that opens an authenticator app.' }),
      qrSvg: t.exposeString('qrSvg', { description: 'The same as a QR code to be scanned: a whole SVG document.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'Until when it can be confirmed: 10 minutes from now.',
      }),
    }),
  })

  const result = builder.unionType('EnrollTotpResult', {
    description: 'How the beginning of an enrolment ended.',
    types: [enrolment, refusals.alreadyEnrolled],
    resolveType: (value) => refusalTypeName(value) ?? 'TotpEnrolment',
  })

  builder.mutationField('enrollTotp', (t) =>
    t.field({
      type: result,
      description:
        'Begins to set up an authenticator app, in place of what was begun before. Asks for factors that were shown within 5 minutes.',
      resolve: enrollTotp,
    }),
  )
}

function addConfirm(builder: Builder, { refusals, success }: TotpParts): void {
  const confirmed = builder.objectRef<ShownTotpConfirmed>('TotpConfirmed').implement({
    description: 'The authenticator app is a second factor from now on.',
    fields: (t) => ({
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

  const result = builder.unionType('ConfirmTotpResult', {
    description: 'How an enrolment ended.',
    types: [confirmed, refusals.invalidCode, refusals.notEnrolled, refusals.alreadyEnrolled, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'TotpConfirmed',
  })

  builder.mutationField('confirmTotp', (t) =>
    t.field({
      type: result,
      description: checksCredential(
        'Sets up the authenticator app of `enrollTotp`, by a first code, which counts as used. Sessions of yours in which one factor only was ever shown end, but for this one.',
      ),
      args: { code: t.arg.string({ required: true, description: 'The six digits that the app shows.' }) },
      resolve: confirmTotp,
    }),
  )
}

function addRemove(builder: Builder, { refusals, status }: TotpParts): void {
  const result = builder.unionType('RemoveTotpResult', {
    description: 'How the removal of an authenticator app ended.',
    types: [status, refusals.notEnrolled],
    resolveType: (value) => refusalTypeName(value) ?? 'MfaStatus',
  })

  builder.mutationField('removeTotp', (t) =>
    t.field({
      type: result,
      description:
        'Removes your authenticator app, and the recovery codes with your last factor. Where a second factor is required, your sessions can then do nothing but set up another. Asks for factors that were shown within 5 minutes.',
      resolve: removeTotp,
    }),
  )
}
