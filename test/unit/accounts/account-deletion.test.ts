import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import { somebody } from '../../support/principals.ts'
import { codeOf, codesOf } from './codes-of.ts'
import { ada, client, settle } from './open-accounts.ts'
import { openFactors, openWithApp } from './open-factors.ts'
import { auditLines } from './stored-facts.ts'

const minute = 60_000

describe('deleting an account', () => {
  it('removes the user with all credentials, ends sessions and keys at once, and tells the address', async () => {
    await using test = await openWithApp()
    const { userId, principal } = test.owner
    const other = await test.signInWithCode(test.owner)
    const eve = await test.join('eve')
    const events: LoggedEvent[] = []
    test.store.onCommitted((committed) => events.push(...committed))

    expect(await test.accounts.deleteAccount(ada.email, client, principal)).toEqual({ id: userId })
    expect(events.filter(({ topic }) => topic === 'revocations').map(({ body }) => body)).toEqual([
      { kind: 'user', id: userId, ends: true },
      { kind: 'session', id: expect.any(String), ends: true },
      { kind: 'session', id: expect.any(String), ends: true },
    ])
    await expect(test.principalOf(other)).rejects.toThrow('not alive')
    expect(await codeOf(test.signIn())).toBe('INVALID_CREDENTIALS')
    expect((await test.notices()).at(-1)).toEqual({ kind: 'ACCOUNT_DELETED', to: ada.email })
    expect(await test.accounts.me(eve.principal)).toMatchObject({ id: eve.userId })
  })

  it('leaves an id in the audit log, and nothing else that says who it was', async () => {
    await using test = await openWithApp()
    const { userId, principal } = test.owner
    await test.accounts.deleteAccount(ada.email, client, principal)
    expect(await auditLines(test.store, 'ACCOUNT_DELETED')).toMatchObject([
      { subjectId: userId, actorId: userId, actor: 'USER', outcome: 'SUCCESS', details: {} },
    ])
    const values = test.dump().map(String)
    expect(values.filter((value) => value.toLowerCase().includes('ada'))).toEqual([])
    expect(values.filter((value) => value.includes(userId))).not.toEqual([])
    // The address is free: whoever takes it is somebody else.
    const { user } = await test.signUp()
    expect(user.id).not.toBe(userId)
  })

  it('asks for the address, and for factors that were shown within five minutes', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    for (const email of ['', 'eve@example.com', 'ada', 'x'.repeat(100_000)]) {
      await expect(test.accounts.deleteAccount(email, client, principal)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ path: ['email'], message: 'This is not the email address of your account.' }],
      })
    }
    test.tamper('update sessions set assurance = 1')
    expect(await codeOf(test.accounts.deleteAccount(ada.email, client, principal))).toBe('STEP_UP_REQUIRED')
    test.tamper('update sessions set assurance = 2')
    test.clock.advance(5 * minute)
    expect(await codeOf(test.accounts.deleteAccount(ada.email, client, principal))).toBe('STEP_UP_REQUIRED')
    const { signedIn } = test.owner
    const renewed = await test.stepUp(await test.whoIs(signedIn), { method: 'TOTP', code: test.code(test.owner) })
    const fresh = await test.whoIs(renewed)
    await test.accounts.deleteAccount('ADA@example.com', client, fresh)
  })

  it('is for sessions alone', async () => {
    await using test = await openFactors()
    const { userId } = await test.join('ada')
    const key = somebody({ kind: 'apiKey', userId, sessionId: null, keyId: 'key_1' })
    expect(await codeOf(test.accounts.deleteAccount(ada.email, client, key))).toBe('FORBIDDEN')
    expect(await codeOf(test.accounts.deleteAccount(ada.email, client, anonymous))).toBe('UNAUTHENTICATED')
  })

  it('is refused to the last administrator, also when two go at once', async () => {
    await using test = await openFactors()
    const [first, second] = [await test.join('ada'), await test.join('eve')]
    test.tamper(`update users set roles = '["user","admin"]'`)
    const { worked, reasons } = await settle([
      test.accounts.deleteAccount('ada@example.com', client, first.principal),
      test.accounts.deleteAccount('eve@example.com', client, second.principal),
    ])
    expect([worked.length, codesOf(reasons)]).toEqual([1, ['LAST_ADMINISTRATOR']])
    expect(await test.store.read(({ accounts }) => accounts.countAdmins())).toBe(1)
  })

  it('happens once when it is asked for twenty times at once', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const attempts = Array.from({ length: 20 }, () => test.accounts.deleteAccount(ada.email, client, principal))
    const { worked, reasons } = await settle(attempts)
    expect(worked).toHaveLength(1)
    expect(new Set(codesOf(reasons))).toEqual(new Set(['SESSION_REVOKED']))
    expect(await auditLines(test.store, 'ACCOUNT_DELETED')).toHaveLength(1)
  })

  it('takes back the invites that were given out', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    await test.join('eve')
    test.tamper(`update users set roles = '["user","admin"]'`)
    const admin = { ...principal, roles: ['user', 'admin'], scopes: [...principal.scopes, 'admin'] } as const
    await test.accounts.createInvite({ email: null, roles: ['admin'], expiresInHours: 24 }, client, admin)
    const open = () => test.store.read(({ oneTimeTokens }) => oneTimeTokens.open('INVITE', test.clock.now(), 10))
    expect(await open()).toHaveLength(1)
    await test.accounts.deleteAccount(ada.email, client, principal)
    expect(await open()).toEqual([])
  })
})
