import { describe, expect, it } from 'vitest'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { allowedInMaintenance } from '../../../src/server/gate/maintenance.ts'
import { somebody } from '../../support/principals.ts'
import { contextOf, createRunInContext, refusalsOf } from './run-guarded.ts'

const { schema } = createSchema([])
const present = { message: 'Back at eleven.', since: 0, by: 'usr_1' }

/** Whether the gate let the operation through: nothing is executed. */
async function codes(source: string, principal: Principal, options: { operationName?: string; over?: boolean } = {}) {
  const { over = false, ...operation } = options
  const run = createRunInContext(schema, {
    maintenance: () => (over ? null : present),
    execute: () => ({ data: {} }),
    subscribe: () => ({ data: {} }),
  })
  return refusalsOf(await run({ source, ...operation }, contextOf(principal)))
}

const user = somebody()
const admin = somebody({ roles: ['user', 'admin'] })
const key = { kind: 'apiKey', sessionId: null, keyId: 'key_1' } as const

const cancel = 'mutation { cancelJob(id: "x") { id } }'
const retry = 'mutation { retryJob(id: "x") { __typename } }'

describe('maintenance', () => {
  it.each([
    retry,
    'mutation { a: retryJob(id: "x") { __typename } }',
    'mutation { cancelJob(id: "x") { id } retryJob(id: "x") { __typename } }',
    'mutation { cancelJob(id: "x") { id } ... { retryJob(id: "x") { __typename } } }',
    'mutation { cancelJob(id: "x") { id } ...F } fragment F on Mutation { ...G } fragment G on Mutation { retryJob(id: "x") { __typename } }',
    'mutation { cancelJob(id: "x") { id } retryJob(id: "x") @skip(if: true) { __typename } }',
    'mutation { setLogLevel { __typename } }',
    'mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { __typename } }',
  ])('refuses %s to who is no administrator', async (source) => {
    await expect(codes(source, user)).rejects.toMatchObject({
      code: 'MAINTENANCE',
      message: present.message,
      status: 503,
      details: { retryAfterSeconds: 30 },
    })
  })

  it('looks at the operation that is sent, not at those beside it', async () => {
    const both = `query A { maintenance { message } } mutation B { retryJob(id: "x") { __typename } } mutation C { cancelJob(id: "x") { id } }`
    expect(await codes(both, user, { operationName: 'A' })).toEqual([])
    expect(await codes(both, user, { operationName: 'C' })).toEqual([])
    await expect(codes(both, user, { operationName: 'B' })).rejects.toMatchObject({ code: 'MAINTENANCE' })
  })

  it('leaves queries, subscriptions, cancelling, and the ways in and out to everybody', async () => {
    expect(await codes('{ maintenance { message since } }', anonymous)).toEqual([])
    expect(await codes('{ jobs { nodes { id } } }', user)).toEqual([])
    expect(await codes('subscription { jobs { at } }', user)).toEqual([])
    expect(await codes(cancel, user)).toEqual([])
    expect(await codes('mutation { __typename signOut }', anonymous)).toEqual([])
    expect(await codes('mutation { signIn(input: { email: "a", password: "b" }) { __typename } }', anonymous)).toEqual(
      [],
    )
    await expect(
      codes('mutation { requestPasswordReset(email: "a") { __typename } }', anonymous),
    ).rejects.toMatchObject({ code: 'MAINTENANCE' })
  })

  it('lets administrators do everything, one who must set up a second factor too, and keys with the scope', async () => {
    expect(await codes(retry, admin)).toEqual([])
    // What they may do is for the gate to say.
    expect(await codes(retry, { ...admin, scopes: [], mustEnrol: true })).toEqual(['MFA_ENROLMENT_REQUIRED'])
    expect(await codes(retry, { ...admin, ...key })).toEqual([])
    await expect(codes(retry, { ...admin, ...key, scopes: ['jobs:write'] })).rejects.toMatchObject({
      code: 'MAINTENANCE',
    })
    await expect(codes(retry, { ...user, ...key })).rejects.toMatchObject({ code: 'MAINTENANCE' })
    // A scope that a key was given when its owner was an administrator still.
    await expect(codes(retry, { ...user, ...key, scopes: ['admin', 'jobs:write'] })).rejects.toMatchObject({
      code: 'MAINTENANCE',
    })
  })

  it('is over when it is over', async () => {
    expect(await codes(retry, user, { over: true })).toEqual([])
  })

  it('excepts no mutation that there is not', () => {
    const names = Object.keys(schema.getMutationType()?.getFields() ?? {})
    expect([...allowedInMaintenance].filter((name) => !names.includes(name))).toEqual([])
  })
})
