import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import { bcryptPasswordHasher } from '../../../src/adapters/local/bcrypt-password-hasher.ts'
import type { SignedIn } from '../../../src/services/accounts/entered.ts'
import { newOneTimeToken } from '../../../src/services/accounts/one-time-token.ts'
import type { ChangePasswordInput } from '../../../src/services/accounts/passwords/change-password.ts'
import { somebody } from '../../support/principals.ts'
import { countOf } from './codes-of.ts'
import { type AccountsOverrides, ada, client, nothing, openAccounts, settle } from './open-accounts.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

const newPassword = 'amber stairs by night'
const minute = 60_000

/** Ada, signed in, with a second session by tokens. */
async function openChanges(overrides: AccountsOverrides = {}) {
  const test = await openAccounts(overrides)
  const first = await test.signUp()
  const other = await test.signIn({ delivery: 'TOKENS' })
  const principalOf = ({ cookie, tokens }: SignedIn): Promise<Principal> =>
    test.accounts.authenticate({ ...nothing, sessionCookie: cookie, bearer: tokens?.accessToken ?? null }, client)
  const present = await principalOf(first)
  const change = (input: Partial<ChangePasswordInput> = {}, principal = present) =>
    test.accounts.changePassword(
      { currentPassword: ada.password, newPassword, keepOtherSessions: false, ...input },
      client,
      principal,
    )
  const isAlive = async (one: SignedIn) => (await principalOf(one).catch(() => anonymous)).kind === 'user'
  const { id: userId } = first.user
  return { ...test, first, other, present, change, isAlive, principalOf, userId }
}

/** An authenticator app, past the service. */
async function addTotp({ store, clock, userId }: Awaited<ReturnType<typeof openChanges>>): Promise<void> {
  const at = clock.now()
  await store.write(async ({ factors }) => {
    await factors.beginTotp({ userId, secretSealed: 'sealed', createdAt: at })
    await factors.confirmTotp(userId, at, at, 1)
  })
}

describe('changing a password', () => {
  it('sets the new one, ends all other sessions and gives the present one new credentials', async () => {
    await using test = await openChanges()
    const changed = await test.change()
    expect(changed.session.id).toBe(test.first.session.id)
    expect(changed.cookie).not.toBe(test.first.cookie)
    expect([await test.isAlive(test.first), await test.isAlive(test.other)]).toEqual([false, false])
    expect(await test.principalOf(changed)).toMatchObject({ kind: 'user', userId: test.userId })
    await expect(test.signIn()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    await test.signIn({ password: newPassword })
    expect(await auditLines(test.store, 'PASSWORD_CHANGED')).toMatchObject([
      { actor: 'USER', subjectId: test.userId, details: { wasSet: true, endedSessions: 1 } },
    ])
    expect(await queuedNotices(test.store)).toMatchObject([{ kind: 'PASSWORD_CHANGED', to: ada.email }])
  })

  it('hands over new tokens where the session is proven by tokens, and ends the old family', async () => {
    await using test = await openChanges()
    const { tokens, cookie } = await test.change({}, await test.principalOf(test.other))
    expect(cookie).toBeNull()
    expect(await test.isAlive(test.other)).toBe(false)
    expect(await test.accounts.authenticate({ ...nothing, bearer: tokens?.accessToken ?? null }, client)).toMatchObject(
      {
        sessionId: test.other.session.id,
      },
    )
    const refresh = (token: string | undefined) => test.accounts.refreshTokens(token ?? '', client)
    await expect(refresh(test.other.tokens?.refreshToken)).rejects.toMatchObject({ code: 'INVALID_REFRESH_TOKEN' })
  })

  it('leaves the other sessions alone where that is asked for', async () => {
    await using test = await openChanges()
    await test.change({ keepOtherSessions: true })
    expect([await test.isAlive(test.first), await test.isAlive(test.other)]).toEqual([false, true])
  })

  it('makes open challenges and links to reset the password void', async () => {
    await using test = await openChanges()
    const now = test.clock.now()
    const purposes = ['MFA', 'STEP_UP', 'PASSWORD_RESET'] as const
    const open = purposes.map((purpose) =>
      newOneTimeToken({ purpose, userId: test.userId, now, lifetimeMs: 10 * minute }),
    )
    await test.store.write(async ({ oneTimeTokens }) => {
      for (const { record } of open) await oneTimeTokens.insert(record)
    })
    await test.change()
    for (const { record } of open) {
      expect(await test.store.read(({ oneTimeTokens }) => oneTimeTokens.find(record.id))).toMatchObject({ usedAt: now })
    }
  })

  it('needs the present password, with one check and one answer whatever is wrong with it', async () => {
    await using test = await openChanges()
    for (const currentPassword of [undefined, null, '', 'wrong', `${ada.password}\ud800`, 'x'.repeat(1e6)]) {
      test.hashing.length = 0
      await expect(test.change({ currentPassword })).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
        message: 'That is not the present password.',
      })
      expect(test.hashing.map(({ kind }) => kind)).toEqual(['verify'])
    }
    expect([await test.isAlive(test.first), await test.isAlive(test.other)]).toEqual([true, true])
  })

  it('counts failures, apart from those of signing in', async () => {
    await using test = await openChanges()
    const { reasons } = await settle(Array.from({ length: 30 }, () => test.change({ currentPassword: 'wrong' })))
    expect([countOf(reasons, 'INVALID_CREDENTIALS'), countOf(reasons, 'RATE_LIMITED')]).toEqual([10, 20])
    await expect(test.change()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 900 })
    await test.signIn()
    test.clock.advance(15 * minute)
    expect(await test.change()).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('does not count an attempt that nobody had the time to check', async () => {
    await using test = await openChanges()
    const full = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4, concurrency: 0, maxWaiting: 0 })
    const busy = await test.restart({ hasher: full })
    const input = { currentPassword: ada.password, newPassword, keepOtherSessions: false }
    for (let i = 0; i < 20; i += 1) {
      await expect(busy.changePassword(input, client, test.present)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    }
    expect(await test.change()).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('judges the new password by the rules, before anything is checked', async () => {
    await using test = await openChanges()
    const refused = async (password: string) => {
      const reason: unknown = await test.change({ newPassword: password }).catch((error: unknown) => error)
      return reason
    }
    const issue = (message: string) => ({ code: 'INVALID_INPUT', issues: [{ path: ['newPassword'], message }] })
    expect(await refused('')).toMatchObject(issue('The password needs at least 15 characters.'))
    expect(await refused('k7#vQ!m2')).toMatchObject(issue('The password needs at least 15 characters.'))
    expect(await refused('Ada Lovelace 1815')).toMatchObject(
      issue('The password is made of your name, your email address or the name of this site.'),
    )
    expect(await refused(ada.password)).toMatchObject(issue('That is the present password.'))
    expect(await refused('x'.repeat(1e6))).toMatchObject(issue('The password may have at most 256 characters.'))
    expect(test.hashing.filter(({ kind }) => kind === 'verify')).toHaveLength(1) // of the sign-in before
  })

  it('takes eight characters where a second factor is asked for as well', async () => {
    await using test = await openChanges({ policy: { requireMfa: 'all' } })
    await expect(test.change({ newPassword: 'k7#vQ!m2' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await addTotp(test)
    expect(await test.change({ newPassword: 'k7#vQ!m2' })).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it.each(['none', 'admins'] as const)(
    'takes no eight characters from who may take their second factor away again: required of %s',
    async (requireMfa) => {
      await using test = await openChanges({ policy: { requireMfa } })
      await addTotp(test)
      await expect(test.change({ newPassword: 'k7#vQ!m2' })).rejects.toMatchObject({
        issues: [{ path: ['newPassword'], message: 'The password needs at least 15 characters.' }],
      })
    },
  )

  it('makes a session no fresher, and no stronger, than it was', async () => {
    await using test = await openChanges()
    test.clock.advance(10 * minute)
    const { session } = await test.change()
    expect(session).toMatchObject({
      assurance: 1,
      methods: ['PASSWORD'],
      authenticatedAt: test.first.session.authenticatedAt,
    })
  })

  it('lets who has no password set one after showing a factor lately, and asks for one otherwise', async () => {
    await using test = await openChanges()
    test.tamper('update users set password_hash = null')
    test.clock.advance(5 * minute)
    const refused = test.change({ currentPassword: null })
    await expect(refused).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 1, maxAgeSeconds: 300 },
    })
    test.clock.advance(-1)
    expect(await test.change({ currentPassword: null })).toMatchObject({ user: { hasPassword: true } })
    expect(await auditLines(test.store, 'PASSWORD_CHANGED')).toMatchObject([{ details: { wasSet: false } }])
    await test.signIn({ password: newPassword })
  })

  it('has one winner when ten are made at once', async () => {
    await using test = await openChanges()
    const passwords = Array.from({ length: 10 }, (_, i) => `${newPassword} ${i * 7}`)
    const { worked, reasons } = await settle(passwords.map((password) => test.change({ newPassword: password })))
    // The winner gave the session new credentials: what the others came by is dead.
    expect([worked.length, countOf(reasons, 'SESSION_REVOKED')]).toEqual([1, 9])
    expect(await auditLines(test.store, 'PASSWORD_CHANGED')).toHaveLength(1)
  })

  it('lets the owner in at once, however often others failed with the old password', async () => {
    await using test = await openChanges()
    await settle(Array.from({ length: 20 }, () => test.signIn({ password: 'wrong' })))
    await expect(test.signIn()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await test.change()
    await test.signIn({ password: newPassword })
  })

  it('is for nobody, for no API key, and for no account that has ended meanwhile', async () => {
    await using test = await openChanges()
    const key = somebody({ kind: 'apiKey', userId: test.userId, sessionId: null, keyId: newId('apiKey') })
    await expect(test.change({}, anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(test.change({}, key)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await test.accounts.revokeSession(test.first.session.id, test.present, client)
    await expect(test.change()).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    test.tamper('update users set disabled_at = 1')
    await expect(test.change()).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    test.tamper('update users set disabled_at = null')
    await test.signIn()
  })
})
