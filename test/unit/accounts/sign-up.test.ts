import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { isId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'
import { ada, client, day, nothing, openAccounts, settle } from './open-accounts.ts'

describe('signing up', () => {
  it('tells everything that is wrong with the input at once, and hashes nothing', async () => {
    await using test = await openAccounts()
    const refused = test.signUp({ email: 'ada', password: 'short', displayName: ' ' })
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        { path: ['email'], message: 'This is not an email address such as ada@example.com.' },
        { path: ['password'], message: 'The password needs at least 15 characters.' },
        { path: ['displayName'], message: 'The name needs 1 to 100 characters, none of them control characters.' },
      ],
    })
    expect(test.hashing).toEqual([])
  })

  it('is refused where it is closed', async () => {
    await using test = await openAccounts({ policy: { signUp: 'closed' } })
    await expect(test.signUp()).rejects.toMatchObject({
      code: 'SIGN_UP_CLOSED',
      message: 'Accounts cannot be made here without a set-up token.',
    })
    expect(await test.store.read(({ accounts }) => accounts.findUserByEmailKey(ada.email))).toBeNull()
  })

  it('is refused for an address that has an account, however it is written', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const taken = { code: 'EMAIL_TAKEN', message: 'An account with that email address exists.' }
    await expect(test.signUp()).rejects.toMatchObject(taken)
    await expect(test.signUp({ email: 'ADA@EXAMPLE.com' })).rejects.toMatchObject(taken)
    await expect(test.signUp({ email: 'ａda@example.com' })).rejects.toMatchObject(taken)
  })

  it('has one winner when ten ask for one address at once', async () => {
    await using test = await openAccounts()
    const { worked, reasons } = await settle(Array.from({ length: 10 }, () => test.signUp()))
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject(Array.from({ length: 9 }, () => ({ code: 'EMAIL_TAKEN' })))
    // All had made a hash before the first was entered: the transaction decided, not the look-up before it.
    expect(test.hashing).toHaveLength(10)
  })

  it('is limited by network, before anything costly', async () => {
    const signUpByNetwork = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openAccounts({ limiters: { signUpByNetwork } })
    await test.signUp()
    await test.signUp({ email: 'eve@example.com' })
    const calls = test.hashing.length
    await expect(test.signUp({ email: 'mallory@example.com' })).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(test.hashing).toHaveLength(calls)
    const elsewhere = { ...client, ip: '198.51.100.1' }
    await test.accounts.signUp({ ...ada, email: 'mallory@example.com' }, elsewhere, anonymous)
  })

  it('makes an account and a session that lasts for the absolute lifetime', async () => {
    await using test = await openAccounts()
    const { user, session, cookie, tokens } = await test.signUp({ displayName: '  Ada ' })
    expect(user).toEqual({
      id: user.id,
      email: 'ada@example.com',
      emailVerifiedAt: null,
      hasPassword: true,
      displayName: 'Ada',
      roles: ['user'],
      createdAt: test.clock.now(),
      disabledAt: null,
    })
    expect(isId('user', user.id)).toBe(true)
    expect(session).toMatchObject({ userId: user.id, delivery: 'COOKIE', assurance: 1, methods: ['PASSWORD'] })
    expect(session).toMatchObject({ ip: client.ip, userAgent: client.userAgent, authenticatedAt: test.clock.now() })
    expect(session.expiresAt).toBe(test.clock.now() + 90 * day)
    expect(session).not.toHaveProperty('secretHash')
    expect(tokens).toBeNull()
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toMatchObject({
      userId: user.id,
    })
  })

  it('answers with an access token and no cookie where tokens were asked for', async () => {
    await using test = await openAccounts()
    const { user, cookie, tokens } = await test.signUp({ delivery: 'TOKENS' })
    expect(cookie).toBeNull()
    expect(tokens?.accessTokenExpiresAt).toBe(test.clock.now() + 10 * 60 * 1000)
    const principal = await test.accounts.authenticate({ ...nothing, bearer: tokens?.accessToken ?? null }, client)
    expect(principal).toMatchObject({ kind: 'user', userId: user.id })
  })

  it('bounds what it keeps of the client', async () => {
    await using test = await openAccounts()
    const endless = { ...client, ip: null, userAgent: 'x'.repeat(10_000) }
    const answer = await test.accounts.signUp(ada, endless, anonymous)
    expect(answer).toMatchObject({ session: { ip: null, userAgent: 'x'.repeat(500) } })
  })

  it('is written down, with who it made and with which roles', async () => {
    await using test = await openAccounts()
    const { user, session } = await test.signUp()
    expect(await auditLines(test.store)).toMatchObject([
      { event: 'SIGNED_UP', outcome: 'SUCCESS', actor: 'ANONYMOUS', subjectId: user.id, details: { roles: 'user' } },
      { event: 'SIGNED_IN', subjectId: user.id, sessionId: session.id, methods: ['PASSWORD'], assurance: 1 },
    ])
    expect(await queuedNotices(test.store)).toEqual([])
  })
})

describe('making a user from the command line', () => {
  it('keeps to the same rules, needs no open sign-up and starts no session', async () => {
    await using test = await openAccounts({ policy: { signUp: 'closed' } })
    const input = { ...ada, admin: false }
    await expect(test.accounts.createUser({ ...input, password: 'short' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    const user = await test.accounts.createUser(input)
    expect(user).toMatchObject({ roles: ['user'], emailVerifiedAt: test.clock.now() })
    expect(await auditLines(test.store)).toMatchObject([
      { event: 'USER_CREATED', actor: 'OPERATOR', subjectId: user.id },
    ])
    expect(await test.store.read(({ accounts }) => accounts.sessionsOf(user.id, 0))).toEqual([])
    await expect(test.accounts.createUser(input)).rejects.toMatchObject({ code: 'EMAIL_TAKEN' })
    expect((await test.accounts.createUser({ ...input, email: 'root@example.com', admin: true })).roles).toContain(
      'admin',
    )
  })
})
