import { describe, expect, it } from 'vitest'
import { bcryptPasswordHasher } from '../../../src/adapters/local/bcrypt-password-hasher.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { Refusal } from '../../../src/core/errors.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { PasswordHasher } from '../../../src/ports/password-hasher.ts'
import { ada, client, goodPassword, nothing, openAccounts } from './open-accounts.ts'

const free = memoryRateLimiter({ attempts: 1000, seconds: 60 })

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const reason: unknown = await attempt.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(reason instanceof Refusal)) throw new TypeError('The attempt was not refused.')
  return JSON.stringify([reason.code, reason.message, reason.details])
}

describe('signing in', () => {
  it('answers every failure with the same bytes and one check with the same parameters', async () => {
    await using test = await openAccounts()
    await test.signUp()
    await test.signUp({ email: 'disabled@example.com' })
    await test.signUp({ email: 'oauth@example.com' })
    test.tamper(`update users set disabled_at = 1 where email = 'disabled@example.com'`)
    test.tamper(`update users set password_hash = null where email = 'oauth@example.com'`)
    const attempts = [
      { email: ada.email, password: 'not the password' },
      { email: ada.email, password: '' },
      { email: ada.email, password: 'x'.repeat(1_000_000) },
      { email: 'nobody@example.com' },
      { email: 'disabled@example.com' },
      { email: 'oauth@example.com' },
      { email: 'not an address' },
      { email: `${'a'.repeat(1_000_000)}@example.com` },
    ]
    const answers = new Set<string>()
    for (const attempt of attempts) {
      test.hashing.length = 0
      answers.add(await refusalOf(test.signIn(attempt)))
      expect(test.hashing.map(({ kind }) => kind)).toEqual(['verify'])
      // Either a dummy of today's parameters, or the hash of a living account, which has them as well.
      expect(test.hashing[0]?.stored ?? 'dummy').toMatch(/^dummy$|\$04\$/)
    }
    // Who cannot get in has no hash that is tried.
    test.hashing.length = 0
    await refusalOf(test.signIn({ email: 'disabled@example.com' }))
    expect(test.hashing).toEqual([{ kind: 'verify', stored: null }])
    expect([...answers]).toEqual([
      '["INVALID_CREDENTIALS","The email address and the password do not belong together.",{}]',
    ])
  })

  it('takes the password exactly as it was set', async () => {
    await using test = await openAccounts()
    const password = ` ${goodPassword}\u0000 é`
    await test.signUp({ password })
    for (const other of [password.trim(), `${password} `, password.toUpperCase(), password.split('\u0000')[0] ?? '']) {
      await expect(test.signIn({ password: other })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    }
    // The same text to a reader, typed on another system.
    await test.signIn({ password: password.normalize('NFD') })
    await test.signIn({ password })
  })

  it('finds the account however the address is written', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    expect((await test.signIn({ email: 'ADA@Example.COM' })).user.id).toBe(user.id)
  })

  it('starts a new session each time', async () => {
    await using test = await openAccounts()
    const first = await test.signUp()
    const second = await test.signIn()
    expect(second.session.id).not.toBe(first.session.id)
    expect(second.cookie).not.toBe(first.cookie)
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: first.cookie }, client)).toMatchObject({
      kind: 'user',
    })
  })

  it('ends the session that came with the request, so that a planted cookie is worth nothing', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const planted = await test.signUp({ email: 'mallory@example.com' })
    const present = await test.accounts.authenticate({ ...nothing, sessionCookie: planted.cookie }, client)
    const victim = await test.accounts.signIn({ ...ada }, client, present)
    expect(victim.cookie).not.toBe(planted.cookie)
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: planted.cookie }, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: victim.cookie }, client)).toMatchObject({
      userId: victim.user.id,
    })
  })

  it('keeps the present session when it fails', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const present = await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    await expect(test.accounts.signIn({ ...ada, password: 'not the password' }, client, present)).rejects.toMatchObject(
      { code: 'INVALID_CREDENTIALS' },
    )
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toEqual(present)
  })

  it('is limited by account and network before anything is hashed, and forgets the count after a success', async () => {
    const signInByAccount = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openAccounts({
      limiters: { signInByAccount, signInByNetwork: free, signUpByNetwork: free },
    })
    await test.signUp()
    for (const password of ['wrong 1', 'wrong 2', ada.password, 'wrong 3', 'wrong 4', 'wrong 5']) {
      await test.signIn({ password }).catch(() => null)
    }
    const calls = test.hashing.length
    expect(test.hashing.filter(({ kind }) => kind === 'verify')).toHaveLength(6)
    const refused = test.signIn({ email: 'ADA@example.com' })
    await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 60 })
    expect(test.hashing).toHaveLength(calls)
    // Another account, and the same account from elsewhere: nobody can lock out somebody else.
    await expect(test.signIn({ email: 'eve@example.com' })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    await test.accounts.signIn({ ...ada }, { ...client, ip: '198.51.100.1' }, anonymous)
  })

  it('is limited by network over all accounts, a whole /64 as one', async () => {
    const signInByNetwork = memoryRateLimiter({ attempts: 5, seconds: 60 })
    await using test = await openAccounts({
      limiters: { signInByNetwork, signInByAccount: free, signUpByNetwork: free },
    })
    const codes: string[] = []
    for (let i = 0; i < 8; i += 1) {
      const from = { ...client, ip: `2001:db8:1:2::${i}` }
      codes.push(await refusalOf(test.accounts.signIn({ ...ada, email: `user${i}@example.com` }, from, anonymous)))
    }
    expect(codes.filter((code) => code.includes('INVALID_CREDENTIALS'))).toHaveLength(5)
    expect(codes.filter((code) => code.includes('RATE_LIMITED'))).toHaveLength(3)
    expect(test.hashing).toHaveLength(5)
  })

  it('lets five of a thousand attempts at once through to the hasher', async () => {
    const signInByAccount = memoryRateLimiter({ attempts: 5, seconds: 60 })
    await using test = await openAccounts({
      limiters: {
        signInByAccount,
        signInByNetwork: memoryRateLimiter({ attempts: 10_000, seconds: 60 }),
        signUpByNetwork: free,
      },
    })
    await Promise.allSettled(Array.from({ length: 1000 }, () => test.signIn({ password: 'wrong' })))
    expect(test.hashing).toHaveLength(5)
  })

  it('makes the stored hash anew when it is of an older cost', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const stronger = await test.restart({ hasher: bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 5 }) })
    const hash = async () => (await test.store.read(({ accounts }) => accounts.findUser(user.id)))?.passwordHash
    expect(await hash()).toContain('$04$')
    await stronger.signIn({ ...ada }, client, anonymous)
    const rehashed = await hash()
    expect(rehashed).toContain('$05$')
    await stronger.signIn({ ...ada }, client, anonymous)
    expect(await hash()).toBe(rehashed)
  })

  it('leaves the old hash for the next time when the hasher is busy', async () => {
    const hasher = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4 })
    const full = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4, concurrency: 0, maxWaiting: 0 })
    await using test = await openAccounts({ hasher: { ...hasher, needsRehash: () => true } })
    await test.signUp()
    const busy = await test.restart({ hasher: { ...hasher, hash: full.hash, needsRehash: () => true } })
    expect(await busy.signIn({ ...ada }, client, anonymous)).toMatchObject({ user: { email: ada.email } })
  })

  it('does not let in who was disabled, or whose password was changed, while it was being checked', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const plain = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4 })
    const meanwhile = (change: string): PasswordHasher => ({
      ...plain,
      async verify(password, stored) {
        const isRight = await plain.verify(password, stored)
        test.tamper(change)
        return isRight
      },
    })
    for (const change of [`update users set disabled_at = 1`, `update users set password_hash = 'other'`]) {
      const accounts = await test.restart({ hasher: meanwhile(change) })
      const refused = accounts.signIn({ ...ada }, client, anonymous)
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
      test.tamper(`update users set disabled_at = null`)
    }
  })
})
