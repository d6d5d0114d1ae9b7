import { GraphQLError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, Refusal } from '../../../../src/core/errors.ts'
import { graphqlAnswer } from '../../../../src/server/graphql/graphql-answer.ts'
import { createErrorMask } from '../../../../src/server/graphql/mask-error.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'

const mask = createErrorMask(collectingLogger())

/** The error of a field whose service has refused. */
function fieldError(code: ErrorCode): GraphQLError {
  const cause = new Refusal(code, 'Refused.')
  return mask(new GraphQLError('Refused.', { path: ['field'], cause }), 'request')
}

function statusOf(data: null | object, codes: readonly ErrorCode[], mediaType: Parameters<typeof graphqlAnswer>[1]) {
  const fields = Object.fromEntries(Object.entries(data ?? {}))
  const errors = codes.map(fieldError)
  return graphqlAnswer({ data: data === null ? null : fields, errors }, mediaType).status
}

const modern = 'application/graphql-response+json'
const plain = 'application/json'

describe('the status of what a service has refused', () => {
  it.each([
    ['UNAUTHENTICATED', 401],
    ['SESSION_REVOKED', 401],
    ['FORBIDDEN', 403],
    ['INSUFFICIENT_SCOPE', 403],
    ['STEP_UP_REQUIRED', 403],
    ['MFA_ENROLMENT_REQUIRED', 403],
  ] as const)('is that of %s where it is the whole answer, as when the gate refuses', (code, status) => {
    expect(statusOf(null, [code], modern)).toBe(status)
    expect(statusOf(null, [code], plain)).toBe(status)
    expect(statusOf({ other: 1 }, [code], modern)).toBe(200)
    expect(statusOf({ other: 1 }, [code], plain)).toBe(200)
  })

  it.each([
    ['NOT_FOUND', 404],
    ['RATE_LIMITED', 429],
    ['BAD_REQUEST', 400],
    ['INTERNAL', 500],
  ] as const)('is 200 for %s where plain JSON was asked for', (code, status) => {
    expect(statusOf(null, [code], modern)).toBe(status)
    expect(statusOf(null, [code], plain)).toBe(200)
  })

  it('is not that of access when something else went wrong besides', () => {
    expect(statusOf(null, ['FORBIDDEN', 'NOT_FOUND'], plain)).toBe(200)
    expect(statusOf(null, ['FORBIDDEN', 'NOT_FOUND'], modern)).toBe(404)
  })
})
