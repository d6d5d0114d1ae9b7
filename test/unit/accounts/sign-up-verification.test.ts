import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { SignUpInput } from '../../../src/services/accounts/entry/sign-up.ts'
import { countOf } from './codes-of.ts'
import { type AccountsOverrides, ada, client, goodPassword, openAccounts, settle } from './open-accounts.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

/** Accounts whose addresses must be confirmed. */
async function openVerified(overrides: AccountsOverrides = {}) {
  const test = await openAccounts({ ...overrides, policy: { emailVerification: true } })
  const apply = (input: Partial<SignUpInput> = {}, from = client) =>
    test.accounts.signUp({ ...ada, ...input }, from, anonymous)
  const find = (email: string) => test.store.read(({ accounts }) => accounts.findUserByEmailKey(email))
  return { ...test, apply, find }
}

describe('signing up where addresses must be confirmed', () => {
  it('makes an account without a session, and sends a link to the address', async () => {
    await using test = await openVerified()
    expect(await test.apply()).toEqual({ kind: 'VERIFICATION_REQUIRED', email: ada.email })
    const user = await test.find(ada.email)
    expect(user).toMatchObject({ emailVerifiedAt: null, roles: ['user'] })
    expect(await test.store.read(({ accounts }) => accounts.sessionsOf(user?.id ?? '', 0))).toEqual([])
    expect(await queuedNotices(test.store)).toMatchObject([{ kind: 'EMAIL_VERIFICATION', to: ada.email }])
    await expect(test.signIn()).rejects.toMatchObject({ code: 'EMAIL_NOT_VERIFIED' })
  })

  it('answers a taken address the same, at the same cost, and tells its owner alone', async () => {
    await using test = await openVerified()
    await test.apply()
    const before = await test.find(ada.email)
    test.hashing.length = 0
    const fresh = await test.apply({ email: 'new@example.com' })
    const freshCost = test.hashing.splice(0)
    const taken = await test.apply({
      email: 'ADA@example.com',
      password: 'another violet table',
      displayName: 'Mallory',
    })
    expect(test.hashing).toEqual(freshCost)
    expect(freshCost).toEqual([{ kind: 'hash', stored: null }])
    expect({ ...taken, email: '' }).toEqual({ ...fresh, email: '' })
    expect(taken).toEqual({ kind: 'VERIFICATION_REQUIRED', email: 'ADA@example.com' })

    const mails = (await queuedNotices(test.store)).map(({ kind, to }) => [kind, to])
    expect(mails).toEqual([
      ['EMAIL_VERIFICATION', ada.email],
      ['EMAIL_VERIFICATION', 'new@example.com'],
      ['EMAIL_HAS_ACCOUNT', ada.email],
    ])
    // Whoever made the account first stays the one who did: nothing of it is replaced.
    expect(await test.find(ada.email)).toEqual(before)
    expect((await auditLines(test.store, 'SIGNED_UP')).at(-1)).toMatchObject({
      outcome: 'FAILURE',
      subjectId: before?.id,
      details: { reason: 'EMAIL_TAKEN' },
    })
  })

  it('says what is wrong with the input, whether or not the address is taken', async () => {
    await using test = await openVerified()
    await test.apply()
    const refusals = await settle([
      test.apply({ password: 'short' }),
      test.apply({ email: 'x@y.z', password: 'short' }),
    ])
    const [taken, fresh] = refusals.reasons
    expect(taken).toEqual(fresh)
    expect(taken).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('sends one mail for each of ten at once, nine of them to tell of the first', async () => {
    await using test = await openVerified()
    const { worked } = await settle(Array.from({ length: 10 }, () => test.apply()))
    expect(worked).toHaveLength(10)
    const kinds = (await queuedNotices(test.store)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'EMAIL_VERIFICATION')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'EMAIL_HAS_ACCOUNT')).toHaveLength(9)
  })

  it('sends the owner of an address no more mails than anybody may ask for, and answers the same', async () => {
    const mailByAddress = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openVerified({ limiters: { mailByAddress } })
    const answers: unknown[] = []
    for (let i = 0; i < 10; i += 1) answers.push(await test.apply())
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await queuedNotices(test.store)).toHaveLength(3)
  })

  it('is limited by network as everything is that sends mails', async () => {
    const mailByNetwork = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openVerified({ limiters: { mailByNetwork } })
    const attempts = Array.from({ length: 5 }, (_, i) => test.apply({ email: `user${i}@example.com` }))
    const { worked, reasons } = await settle(attempts)
    expect([worked.length, countOf(reasons, 'RATE_LIMITED')]).toEqual([2, 3])
    expect(test.hashing).toHaveLength(2)
  })

  it('leaves the session of whoever asked alone', async () => {
    await using test = await openVerified()
    const { cookie } = await (async () => {
      const setupToken = await test.accounts.setupToken()
      return await test.signUp({ setupToken, email: 'root@example.com' })
    })()
    const credentials = { apiKey: null, bearer: null, sessionCookie: cookie }
    const present = await test.accounts.authenticate(credentials, client)
    await test.accounts.signUp({ ...ada, password: goodPassword }, client, present)
    expect(await test.accounts.authenticate(credentials, client)).toEqual(present)
  })
})
