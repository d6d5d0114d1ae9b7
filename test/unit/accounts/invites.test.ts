import { describe, expect, it } from 'vitest'
import type { Role } from '../../../src/core/principal.ts'
import { newOneTimeToken } from '../../../src/services/accounts/one-time-token.ts'
import { countOf } from './codes-of.ts'
import { type AccountsUnderTest, ada, day, openAccounts, settle } from './open-accounts.ts'

/** Enters an invite as an administrator would; gives its token. */
async function invite(
  { store, clock }: AccountsUnderTest,
  data: { readonly roles: readonly Role[]; readonly email: string | null },
): Promise<string> {
  const facts = { purpose: 'INVITE', userId: null, data, now: clock.now(), lifetimeMs: 7 * day } as const
  const { token, record } = newOneTimeToken(facts)
  await store.write(({ oneTimeTokens }) => oneTimeTokens.insert(record))
  return token
}

const invalid = { code: 'INVALID_INVITE', message: 'The invite is wrong, used up or expired.' }

describe('an invite', () => {
  it('is asked for where accounts are made by invite only', async () => {
    await using test = await openAccounts({ policy: { signUp: 'invite' } })
    await expect(test.signUp()).rejects.toMatchObject({
      code: 'SIGN_UP_CLOSED',
      message: 'Accounts are made here with an invite only.',
    })
    const inviteToken = await invite(test, { roles: ['user'], email: null })
    expect((await test.signUp({ inviteToken })).user).toMatchObject({ roles: ['user'], emailVerifiedAt: null })
  })

  it('makes what it says, once', async () => {
    await using test = await openAccounts()
    const inviteToken = await invite(test, { roles: ['user', 'admin'], email: null })
    expect((await test.signUp({ inviteToken })).user.roles).toEqual(['user', 'admin'])
    await expect(test.signUp({ inviteToken, email: 'eve@example.com' })).rejects.toMatchObject(invalid)
    const several = await invite(test, { roles: ['user'], email: null })
    const attempts = Array.from({ length: 10 }, (_, i) =>
      test.signUp({ inviteToken: several, email: `u${i}@example.com` }),
    )
    const { worked, reasons } = await settle(attempts)
    expect([worked.length, countOf(reasons, 'INVALID_INVITE')]).toEqual([1, 9])
    expect(worked[0]?.user.roles).toEqual(['user'])
  })

  it('is refused when it is wrong, expired or a token of another kind, before anything is hashed', async () => {
    await using test = await openAccounts({ policy: { signUp: 'invite' } })
    const inviteToken = await invite(test, { roles: ['user'], email: null })
    const now = test.clock.now()
    const other = newOneTimeToken({ purpose: 'PASSWORD_RESET', userId: null, now, lifetimeMs: day })
    await test.store.write(({ oneTimeTokens }) => oneTimeTokens.insert(other.record))
    const [id = ''] = inviteToken.split('.')
    for (const token of ['', 'guess', id, `${id}.${'A'.repeat(43)}`, `${inviteToken}A`, other.token, 'x'.repeat(1e6)]) {
      await expect(test.signUp({ inviteToken: token })).rejects.toMatchObject(invalid)
    }
    test.clock.advance(7 * day)
    await expect(test.signUp({ inviteToken })).rejects.toMatchObject(invalid)
    expect(test.hashing).toEqual([])
  })

  it('for an address confirms it, and is for no other', async () => {
    await using test = await openAccounts({ policy: { signUp: 'invite', emailVerification: true } })
    const inviteToken = await invite(test, { roles: ['user'], email: 'Ada@Example.com' })
    await expect(test.signUp({ inviteToken, email: 'eve@example.com' })).rejects.toMatchObject({
      code: 'INVALID_INVITE',
      message: 'The invite is for another email address.',
    })
    const { user } = await test.signUp({ inviteToken })
    expect(user.emailVerifiedAt).toBe(test.clock.now())
    expect((await test.signIn()).user.id).toBe(user.id)
  })

  it('for anybody does not confirm an address', async () => {
    await using test = await openAccounts({ policy: { signUp: 'invite', emailVerification: true } })
    const inviteToken = await invite(test, { roles: ['admin'], email: null })
    await expect(test.signUp({ inviteToken })).rejects.toThrow('The address has to be confirmed.')
    await expect(test.signIn()).rejects.toMatchObject({ code: 'EMAIL_NOT_VERIFIED' })
    // It is used up, as it is for an address that has an account: the answers do not tell which.
    await expect(test.signUp({ inviteToken, email: 'eve@example.com' })).rejects.toMatchObject(invalid)
    const second = await invite(test, { roles: ['user'], email: null })
    await expect(test.signUp({ inviteToken: second })).rejects.toThrow('The address has to be confirmed.')
    await expect(test.signUp({ inviteToken: second, email: 'eve@example.com' })).rejects.toMatchObject(invalid)
  })

  it('stays good when the sign-up failed for another reason', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const inviteToken = await invite(test, { roles: ['user'], email: null })
    await expect(test.signUp({ inviteToken })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' })
    await expect(test.signUp({ inviteToken, password: 'short' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect((await test.signUp({ inviteToken, email: 'eve@example.com' })).user.roles).toEqual(['user'])
  })

  it('opens nothing where sign-up is closed, and does not go with a set-up token', async () => {
    await using test = await openAccounts({ policy: { signUp: 'closed' } })
    const inviteToken = await invite(test, { roles: ['user'], email: null })
    await expect(test.signUp({ inviteToken })).rejects.toMatchObject({ code: 'SIGN_UP_CLOSED' })
    const setupToken = await test.accounts.setupToken()
    await expect(test.signUp({ inviteToken, setupToken })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['inviteToken'], message: 'Give a set-up token or an invite, not both.' }],
    })
    expect((await test.signUp({ setupToken, email: ada.email })).user.roles).toContain('admin')
  })

  it('gives no role that there is not, whatever is stored', async () => {
    await using test = await openAccounts()
    const inviteToken = await invite(test, { roles: ['user'], email: null })
    test.tamper(`update one_time_tokens set data = '{"roles":["root","admin "],"email":null}'`)
    expect((await test.signUp({ inviteToken })).user.roles).toEqual(['user'])
  })
})
