import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../../src/core/errors.ts'
import type { AnonymousPrincipal } from '../../../src/core/principal.ts'
import { createGuardedSchema } from './guarded-schema.ts'
import { somebody as signedIn } from '../../support/principals.ts'
import { contextOf, createRunGuarded, createRunInContext, refusalsOf, somebody } from './run-guarded.ts'

const unauthenticated = 'UNAUTHENTICATED'
const revoked = 'SESSION_REVOKED'
const insufficient = 'INSUFFICIENT_SCOPE'

const ran: string[] = []
const run = createRunGuarded(createGuardedSchema(ran))

/** The refusals of an operation; where there are any, nothing may have run. */
async function refusals(...asked: Parameters<typeof run>) {
  ran.length = 0
  const result = await run(...asked)
  const refused = refusalsOf(result)
  const isHalfDone = refused.length > 0 && (ran.length > 0 || 'data' in result)
  expect(isHalfDone).toBe(false)
  return refused
}

describe('the gate, for somebody who is not signed in', () => {
  it.each([
    '{ secret }',
    '{ alias: secret }',
    '{ ... { secret } }',
    '{ ... on Query { secret } }',
    '{ ...F } fragment F on Query { ...G } fragment G on Query { secret }',
    '{ hello { text } secret }',
    'mutation { change }',
    'subscription { ticks }',
    '{ hello { vault { name } } }',
    '{ vault { __typename } }',
  ])('refuses %s as a whole, and runs nothing', async (source) => {
    expect(await refusals(source)).toEqual([unauthenticated])
  })

  it('names the field', async () => {
    const { errors } = await run('{ a: secret }')
    expect(errors?.map(({ message }) => message)).toEqual(['Sign in first: Query.secret is not open to everybody.'])
    expect(errors?.[0]?.locations).toEqual([{ line: 1, column: 3 }])
  })

  it('says that the session has ended where that is why', async () => {
    const dead: AnonymousPrincipal = { kind: 'anonymous', refused: 'SESSION_REVOKED' }
    expect(await refusals('{ secret }', dead)).toEqual([revoked])
    const { errors } = await run('{ secret }', dead)
    expect(errors?.[0]?.message).toBe('The session has ended: sign in again to select Query.secret.')
    // The public part stays open: that is the way back in.
    expect(await refusals('mutation { enter }', dead)).toEqual([])
  })

  it('lets through what is open, by field and by type', async () => {
    expect(await run('{ hello { text __typename } __typename }')).toEqual({
      data: { hello: { text: 'hello', __typename: 'Welcome' }, __typename: 'Query' },
    })
    expect(await refusals('mutation { enter }')).toEqual([])
    expect(await refusals('{ hello { vault { size } } }')).toEqual([])
    expect(await refusals('{ either { ... on Welcome { text } ... on Vault { size } } }')).toEqual([])
    expect(await refusals('{ either { ... on Vault { name } } }')).toEqual([unauthenticated])
  })

  it('does not let a guarded field be read through an interface, marked open or not', async () => {
    expect(await refusals('{ named { name } }')).toEqual([unauthenticated])
    expect(await refusals('{ open { name } }')).toEqual([unauthenticated])
    expect(await refusals('{ open { ... on Vault { name } } }')).toEqual([unauthenticated])
    expect(await refusals('{ open { ... on Named { name } } }')).toEqual([unauthenticated])
    expect(await refusals('{ open { __typename } }')).toEqual([])
  })

  it('looks at the operation that runs, not at others in the document', async () => {
    const source =
      'query A { hello { ...F } } query B { ...G secret } fragment F on Welcome { text } fragment G on Query { secret }'
    expect(await refusals({ source, operationName: 'A' })).toEqual([])
    expect(await refusals({ source, operationName: 'B' })).toEqual([unauthenticated, unauthenticated])
    const subscription = 'query A { hello { text } } subscription B { ticks }'
    expect(await refusals({ source: subscription, operationName: 'B' })).toEqual([unauthenticated])
    // None is named: nothing runs.
    expect(await refusals(source)).toEqual([unauthenticated, unauthenticated])
  })

  it('does not look at what @skip and @include leave out, with the variables as they are', async () => {
    const source = 'query ($yes: Boolean!) { hello { text } secret @include(if: $yes) }'
    expect(await refusals({ source, variableValues: { yes: true } })).toEqual([unauthenticated])
    expect(await refusals({ source, variableValues: { yes: false } })).toEqual([])
    const twice = 'query ($no: Boolean = false) { hello { text } secret @skip(if: $no) }'
    expect(await refusals(twice)).toEqual([unauthenticated])
  })
})

describe('the gate, for somebody who is signed in', () => {
  it('lets through what asks for nothing more', async () => {
    expect(await refusals('{ secret hello { text } }', somebody())).toEqual([])
    expect(await refusals('mutation { change }', somebody())).toEqual([])
  })

  it('answers a lack of scope with 403', async () => {
    expect(await refusals('{ vault { name } }', somebody('jobs:read'))).toEqual([insufficient])
    const { errors } = await run('{ vault { name } }', somebody())
    expect(errors?.[0]?.message).toBe('The credential lacks a scope that Vault.name asks for.')
    expect(await refusals('{ vault { name } }', somebody('admin'))).toEqual([])
  })

  it('tells who must set up a second factor to do that first', async () => {
    const mustEnrol = signedIn({ scopes: ['account:read'], mustEnrol: true })
    expect(await refusals('{ secret hello { text } }', mustEnrol)).toEqual([])
    expect(await refusals('{ vault { name } }', mustEnrol)).toEqual(['MFA_ENROLMENT_REQUIRED'])
    const { errors } = await run('{ vault { name } }', mustEnrol)
    expect(errors?.[0]?.message).toBe(
      'Set up a second factor first, by enrollTotp or startPasskeyRegistration: until then Vault.name is not for you.',
    )
    expect(errorCodes.MFA_ENROLMENT_REQUIRED.status).toBe(403)
  })

  it('asks for the scopes of the type and of the field', async () => {
    expect(await refusals('{ books { pages } }', somebody())).toEqual([insufficient])
    expect(await refusals('{ books { pages } }', somebody('jobs:read'))).toEqual([])
    expect(await refusals('{ books { seal } }', somebody('jobs:read'))).toEqual([insufficient])
    expect(await refusals('{ books { seal } }', somebody('jobs:write'))).toEqual([insufficient])
    expect(await refusals('{ books { seal } }', somebody('jobs:read', 'jobs:write'))).toEqual([])
  })

  it('takes one of the lists, whole', async () => {
    expect(await refusals('{ both }', somebody('jobs:read'))).toEqual([insufficient])
    expect(await refusals('{ both }', somebody('jobs:read', 'jobs:write'))).toEqual([])
    expect(await refusals('{ both }', somebody('admin'))).toEqual([])
  })

  it('asks for the scope of an object also when its field is read through an interface', async () => {
    for (const field of ['named', 'open']) {
      expect(await refusals(`{ ${field} { name } }`, somebody('jobs:read'))).toEqual([insufficient])
      expect(await run(`{ ${field} { name } }`, somebody('admin'))).toEqual({ data: { [field]: { name: 'gold' } } })
    }
  })
})

describe('a context', () => {
  it('serves one operation, because the second would not be checked', async () => {
    const runInContext = createRunInContext(createGuardedSchema())
    const context = contextOf({ kind: 'anonymous', refused: null })
    await runInContext({ source: '{ hello { text } }' }, context)
    const message = 'A context serves one operation only: open a new one for the next.'
    await expect(runInContext({ source: '{ secret }' }, context)).rejects.toThrow(message)
    await expect(runInContext({ source: '{ secret }' }, { ...context })).rejects.toThrow(message)
    await expect(runInContext({ source: '{ secret }' }, Object.create(context) as object)).rejects.toThrow(message)
  })
})
