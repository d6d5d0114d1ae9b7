import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { InvalidInputError, RateLimitedError, Refusal } from '../../../../src/core/errors.ts'
import { httpHint } from '../../../../src/server/graphql/http-hint.ts'
import { createErrorMask } from '../../../../src/server/graphql/mask-error.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'

function setUp() {
  const logger = collectingLogger()
  return { logger, mask: createErrorMask(logger) }
}

const codedError = Object.assign(new Error('secret'), { extensions: { code: 'NOT_FOUND' } })

describe('the error mask', () => {
  it('shows a refusal with its code, details and HTTP status', () => {
    const { mask, logger } = setUp()
    const shown = mask(new InvalidInputError([{ path: ['a'], message: 'No.' }]), 'r1')
    expect(shown.toJSON()).toEqual({
      message: 'The input is not valid. a: No.',
      extensions: { code: 'INVALID_INPUT', issues: [{ path: ['a'], message: 'No.' }] },
    })
    expect(httpHint(shown)).toMatchObject({ status: 400 })
    expect(logger.lines).toEqual([])
  })

  it('finds a refusal that GraphQL has wrapped, and keeps the place', () => {
    const { mask } = setUp()
    const refusal = new Refusal('NOT_FOUND', 'There is no such job.')
    const wrapped = new GraphQLError('x', {
      cause: new GraphQLError('y', { cause: refusal }),
      path: ['job'],
    })
    expect(mask(wrapped, 'r1').toJSON()).toEqual({
      message: 'There is no such job.',
      path: ['job'],
      extensions: { code: 'NOT_FOUND' },
    })
  })

  it('tells when to come back', () => {
    const { mask } = setUp()
    expect(httpHint(mask(new RateLimitedError('Wait.', 1.2), 'r1'))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
    })
  })

  it.each([
    ['an error', new Error('password=secret')],
    ['what is no error', 'secret'],
    ['undefined', undefined],
    ['an object', { message: 'secret' }],
    ['a located error', new GraphQLError('secret', { cause: new TypeError('secret'), path: ['a'] })],
    ['an error with a foreign code', new GraphQLError('secret', { extensions: { code: 'ECONNREFUSED' }, path: ['a'] })],
    [
      'an error that calls itself internal',
      new GraphQLError('secret', { extensions: { code: 'INTERNAL' }, path: ['a'] }),
    ],
    ['an error with facts of its own', Object.assign(new Error('secret'), { extensions: { sql: 'secret' } })],
    ['a foreign error with our codes', new GraphQLError('secret', { cause: codedError, path: ['a'] })],
  ])('hides %s behind the request id', (_, error) => {
    const { mask, logger } = setUp()
    const shown = mask(error, 'r1')
    expect(shown.message).toBe('Something went wrong on our side. Quote the request id r1 when you report it.')
    expect(shown.extensions).toEqual({ code: 'INTERNAL', requestId: 'r1' })
    expect(JSON.stringify(shown)).not.toContain('secret')
    expect(shown.cause).toBeUndefined()
    expect(httpHint(shown)).toMatchObject({ status: 500 })
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { requestId: 'r1' } }])
  })

  it('logs what really happened, once, also when the error comes by again', () => {
    const { mask, logger } = setUp()
    const cause = new Error('disk full')
    const shown = mask(new GraphQLError('x', { cause, path: ['a'] }), 'r1')
    expect(mask(shown, 'r1')).toBe(shown)
    expect(logger.lines).toEqual([
      {
        level: 'error',
        fields: { requestId: 'r1', path: ['a'], err: cause },
        message: 'A request failed on our side.',
      },
    ])
  })

  it('shows an error that a plugin made with one of our codes, without its HTTP part', () => {
    const { mask } = setUp()
    const error = new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } })
    const shown = mask(error, 'r1')
    expect(shown.toJSON()).toEqual({ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } })
    expect(httpHint(shown)).toMatchObject({ status: 401, isAboutDocument: false })
  })

  it('never lets the HTTP part into JSON', () => {
    const { mask } = setUp()
    expect(JSON.stringify(mask(new Refusal('INSUFFICIENT_SCOPE', 'No.'), 'r1'))).toBe(
      '{"message":"No.","extensions":{"code":"INSUFFICIENT_SCOPE"}}',
    )
  })
})

describe('the error mask on what GraphQL says', () => {
  const schema = buildSchema(`
    enum Colour { RED }
    input Paint { colour: Colour! }
    type Query { paint(with: Paint, n: Int): Colour, need(n: Int!): Int! }
  `)
  const { mask } = setUp()
  const codeOf = (error: unknown) => mask(error, 'r1').extensions.code

  it('shows a syntax error', () => {
    const [error] = errorsOf(() => parse('{'))
    expect(mask(error, 'r1').message).toBe('Syntax Error: Expected Name, found <EOF>.')
    expect(codeOf(error)).toBe('GRAPHQL_PARSE_FAILED')
    expect(mask(error, 'r1').locations).toEqual([{ line: 1, column: 2 }])
  })

  it('shows a validation error, with the code that the pipeline gives it', () => {
    const [error] = validate(schema, parse('{ nothing }'))
    Object.assign(error?.extensions ?? {}, { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400, spec: true } })
    expect(mask(error, 'r1').message).toBe('Cannot query field "nothing" on type "Query".')
    expect(codeOf(error)).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(httpHint(mask(error, 'r1'))).toEqual({ status: 400, isAboutDocument: true })
  })

  it('shows what is wrong with a variable', async () => {
    const document = parse('query ($p: Paint) { paint(with: $p) }')
    const result = await execute({ schema, document, variableValues: { p: { colour: 'BLUE' } } })
    expect(result.errors?.map(codeOf)).toEqual(['BAD_REQUEST'])
    expect(mask(result.errors?.[0], 'r1').message).toContain('Value "BLUE" does not exist in "Colour" enum.')
  })

  it('hides a value of ours that does not fit the schema', async () => {
    const result = await execute({ schema, document: parse('{ paint }'), rootValue: { paint: 'inner value' } })
    expect(result.errors?.map(codeOf)).toEqual(['INTERNAL'])
  })

  it('hides that a value of ours is missing', async () => {
    const result = await execute({ schema, document: parse('{ need(n: 1) }'), rootValue: { need: null } })
    expect(result.errors?.map(codeOf)).toEqual(['INTERNAL'])
  })
})

function errorsOf(step: () => unknown): readonly unknown[] {
  try {
    step()
    return []
  } catch (error) {
    return [error]
  }
}
