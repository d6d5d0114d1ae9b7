import type { ObjectFieldsShape } from '@pothos/core'
import { type ErrorCode, errorCodes, type InputIssue } from '../core/errors.ts'
import type { HeapSnapshotEstimate } from '../core/heap-snapshot.ts'
import { Refused } from '../resolvers/refused.ts'
import type { Builder, BuilderTypes } from './builder.ts'
import { addHeapSnapshotEstimate, type HeapSnapshotEstimateRef } from './operations/heap-snapshot-estimate.ts'

/**
 * The refusals that are expected outcomes: members of the unions that mutations answer with, one type per `ErrorCode`.
 * A resolver returns as a value what a service threw (`resolvers/outcome.ts`); its code names its type.
 */
const refusalTypeNames = {
  INVALID_INPUT: 'InvalidInputError',
  INVALID_CREDENTIALS: 'InvalidCredentialsError',
  INVALID_CODE: 'InvalidCodeError',
  INVALID_CHALLENGE: 'InvalidChallengeError',
  INVALID_TOKEN: 'InvalidTokenError',
  INVALID_REFRESH_TOKEN: 'InvalidRefreshTokenError',
  INVALID_INVITE: 'InvalidInviteError',
  EMAIL_NOT_VERIFIED: 'EmailNotVerifiedError',
  ALREADY_ENROLLED: 'AlreadyEnrolledError',
  NOT_ENROLLED: 'NotEnrolledError',
  LAST_WAY_IN: 'LastWayInError',
  LAST_ADMINISTRATOR: 'LastAdministratorError',
  IDENTITY_TAKEN: 'IdentityTakenError',
  LINK_REQUIRED: 'LinkRequiredError',
  UNKNOWN_PROVIDER: 'UnknownProviderError',
  PROVIDER_FAILED: 'ProviderFailedError',
  SIGN_UP_CLOSED: 'SignUpClosedError',
  INVALID_SETUP_TOKEN: 'InvalidSetupTokenError',
  EMAIL_TAKEN: 'EmailTakenError',
  RATE_LIMITED: 'RateLimitedError',
  IDEMPOTENCY_CONFLICT: 'IdempotencyConflictError',
  QUOTA_EXCEEDED: 'QuotaExceededError',
  SNAPSHOT_REFUSED: 'SnapshotRefusedError',
} as const satisfies Partial<Record<ErrorCode, string>>

type OutcomeCode = keyof typeof refusalTypeNames

/** The name of a refusal's type in a union; `undefined` for what is no expected outcome. */
export function refusalTypeName(value: unknown): string | undefined {
  if (!(value instanceof Refused)) return undefined
  return value.code in refusalTypeNames ? refusalTypeNames[value.code as OutcomeCode] : undefined // checked by `in`
}

/** Adds the interface `Error`, the enum `ErrorCode` and one type per expected refusal. */
export function addRefusals(builder: Builder) {
  const error = addError(builder)
  const heapSnapshotEstimate = addHeapSnapshotEstimate(builder)
  const plain = (outcome: OutcomeCode) => addRefusal(builder, error, outcome)
  return {
    error,
    /** No refusal, but what one of them tells. */
    heapSnapshotEstimate,
    invalidCredentials: plain('INVALID_CREDENTIALS'),
    invalidCode: addRefusal(builder, error, 'INVALID_CODE', (t) => ({
      attemptsRemaining: t.int({
        nullable: true,
        description: 'How often the challenge may still be answered; null where that is not counted.',
        resolve: (refusal) => ('attemptsRemaining' in refusal.details ? numberOf(refusal, 'attemptsRemaining') : null),
      }),
    })),
    invalidChallenge: plain('INVALID_CHALLENGE'),
    invalidToken: plain('INVALID_TOKEN'),
    invalidRefreshToken: plain('INVALID_REFRESH_TOKEN'),
    invalidInvite: plain('INVALID_INVITE'),
    emailNotVerified: plain('EMAIL_NOT_VERIFIED'),
    alreadyEnrolled: plain('ALREADY_ENROLLED'),
    notEnrolled: plain('NOT_ENROLLED'),
    lastWayIn: plain('LAST_WAY_IN'),
    lastAdministrator: plain('LAST_ADMINISTRATOR'),
    identityTaken: plain('IDENTITY_TAKEN'),
    linkRequired: plain('LINK_REQUIRED'),
    unknownProvider: plain('UNKNOWN_PROVIDER'),
    providerFailed: plain('PROVIDER_FAILED'),
    signUpClosed: plain('SIGN_UP_CLOSED'),
    invalidSetupToken: plain('INVALID_SETUP_TOKEN'),
    emailTaken: plain('EMAIL_TAKEN'),
    invalidInput: addInvalidInput(builder, error),
    rateLimited: addRefusal(builder, error, 'RATE_LIMITED', (t) => ({
      retryAfterSeconds: t.int({
        description: 'Seconds to wait before the next try.',
        resolve: (refusal) => Math.ceil(numberOf(refusal, 'retryAfterSeconds')),
      }),
    })),
    idempotencyConflict: addRefusal(builder, error, 'IDEMPOTENCY_CONFLICT', (t) => ({
      jobId: t.id({
        nullable: true,
        description: 'The job that was made with the key; null where it is the key of a message or a notice.',
        resolve: (refusal) => ('jobId' in refusal.details ? textOf(refusal, 'jobId') : null),
      }),
    })),
    quotaExceeded: addRefusal(builder, error, 'QUOTA_EXCEEDED', (t) => ({
      quota: t.string({ description: 'The name of the limit.', resolve: (refusal) => textOf(refusal, 'quota') }),
      limit: t.float({ description: 'How much it allows.', resolve: (refusal) => numberOf(refusal, 'limit') }),
    })),
    snapshotRefused: addSnapshotRefused(builder, error, heapSnapshotEstimate),
  }
}

export type Refusals = ReturnType<typeof addRefusals>

type ErrorRef = ReturnType<typeof addError>

function addError(builder: Builder) {
  const code = builder.enumType('ErrorCode', {
    description: 'Stable names for every way in which a request can be refused.',
    values: Object.fromEntries(
      Object.entries(errorCodes).map(([name, { meaning }]) => [name, { description: meaning }]),
    ),
  })
  return builder.interfaceRef<Refused>('Error').implement({
    description: 'An expected refusal: part of the answer, not of `errors`.',
    directives: { skipAuth: {} },
    resolveType: (refusal) => refusalTypeName(refusal),
    fields: (t) => ({
      code: t.field({ type: code, description: 'Stable name of the reason.', resolve: (refusal) => refusal.code }),
      message: t.exposeString('message', { description: 'A sentence for people.' }),
    }),
  })
}

/** Adds the type of a refusal. Open to everybody, as whoever may select the union may know why it was refused. */
function addRefusal(
  builder: Builder,
  error: ErrorRef,
  outcome: OutcomeCode,
  fields?: ObjectFieldsShape<BuilderTypes, Refused>,
) {
  return builder.objectRef<Refused>(refusalTypeNames[outcome]).implement({
    description: errorCodes[outcome].meaning,
    interfaces: [error],
    directives: { skipAuth: {} },
    ...(fields === undefined ? {} : { fields }),
  })
}

function addInvalidInput(builder: Builder, error: ErrorRef) {
  const issue = builder.objectRef<InputIssue>('InputIssue').implement({
    description: 'One thing that is wrong with an input.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      path: t.stringList({ description: 'Where, from the outside in.', resolve: ({ path }) => [...path] }),
      message: t.exposeString('message', { description: 'What is wrong there.' }),
    }),
  })
  return addRefusal(builder, error, 'INVALID_INPUT', (t) => ({
    issues: t.field({
      type: [issue],
      description: 'Everything that is wrong, at once.',
      resolve: ({ details }) => issuesOf(details),
    }),
  }))
}

function addSnapshotRefused(builder: Builder, error: ErrorRef, estimate: HeapSnapshotEstimateRef) {
  return addRefusal(builder, error, 'SNAPSHOT_REFUSED', (t) => ({
    estimate: t.field({
      type: estimate,
      nullable: true,
      description: 'What a heap snapshot would cost now; null where it was refused without looking.',
      // What `refusalOf` puts there.
      resolve: ({ details }) => (details['estimate'] ?? null) as HeapSnapshotEstimate | null,
    }),
  }))
}

function issuesOf({ issues }: Refused['details']): readonly InputIssue[] {
  // `InvalidInputError` puts them there.
  return Array.isArray(issues) ? (issues as readonly InputIssue[]) : []
}

function numberOf({ details }: Refused, name: string): number {
  return Number(details[name] ?? 0)
}

function textOf({ details }: Refused, name: string): string {
  const detail = details[name]
  return typeof detail === 'string' ? detail : ''
}
