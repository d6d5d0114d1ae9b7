import { describe, expect, it } from 'vitest'
import { newSecret } from '../../../src/core/secrets.ts'
import { anonymous, scopes } from '../../../src/core/principal.ts'
import { client, day, goodPassword, nothing, openAccounts } from './open-accounts.ts'

describe('finding out who asks', () => {
  it('knows nobody without a credential', async () => {
    await using test = await openAccounts()
    expect(await test.accounts.authenticate(nothing, client)).toEqual(anonymous)
  })

  it('refuses an API key that is none, whatever else is valid', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const refused = { code: 'UNAUTHENTICATED', message: 'The API key is not valid.' }
    const bearer = tokens?.accessToken ?? null
    await expect(
      test.accounts.authenticate({ apiKey: '', bearer, sessionCookie: cookie }, client),
    ).rejects.toMatchObject(refused)
    await expect(
      test.accounts.authenticate({ apiKey: 'mr_live_x', bearer, sessionCookie: cookie }, client),
    ).rejects.toMatchObject(refused)
    await expect(
      test.accounts.authenticate({ ...nothing, bearer: 'mr_live_x', sessionCookie: cookie }, client),
    ).rejects.toMatchObject(refused)
  })

  it('refuses a bearer token that is not valid, and does not fall through to the cookie', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    for (const bearer of ['', 'x', cookie ?? '', 'a.b.c', 'x'.repeat(100_000)]) {
      await expect(
        test.accounts.authenticate({ ...nothing, bearer, sessionCookie: cookie }, client),
      ).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        message: 'The access token is not valid or has expired.',
      })
    }
  })

  it('refuses an access token after its time, and at once after its session ended', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const credentials = { ...nothing, bearer: tokens?.accessToken ?? null }
    const principal = await test.accounts.authenticate(credentials, client)
    expect(principal).toMatchObject({ kind: 'user', assurance: 1, keyId: null })

    test.clock.advance(11 * 60 * 1000)
    await expect(test.accounts.authenticate(credentials, client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    test.clock.advance(-11 * 60 * 1000)
    await test.accounts.signOut(principal, client)
    await expect(test.accounts.authenticate(credentials, client)).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
      message: 'The session of the access token has ended.',
    })
  })

  it('takes a credential only for the kind of session and the user that it was made for', async () => {
    await using test = await openAccounts()
    const { cookie, user } = await test.signUp()
    const { tokens, session } = await test.signIn({ delivery: 'TOKENS' })
    const eve = await test.signUp({ email: 'eve@example.com' })
    const bearer = { ...nothing, bearer: tokens?.accessToken ?? null }
    const unauthenticated = { code: 'UNAUTHENTICATED' }

    test.tamper('update sessions set user_id = ? where id = ?', eve.user.id, session.id)
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject(unauthenticated)
    test.tamper('update sessions set user_id = ? where id = ?', user.id, session.id)
    expect(await test.accounts.authenticate(bearer, client)).toMatchObject({ userId: user.id })
    // What is remembered of a credential is looked up again after a minute.
    test.clock.advance(60_000)
    test.tamper(`update sessions set delivery = case delivery when 'COOKIE' then 'TOKENS' else 'COOKIE' end`)
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject(unauthenticated)
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toEqual({
      kind: 'anonymous',
      refused: 'UNAUTHENTICATED',
    })
  })

  it('takes a dead or foreign cookie for nobody, and says why', async () => {
    await using test = await openAccounts()
    const { cookie, session } = await test.signUp()
    const ask = (sessionCookie: string | null) => test.accounts.authenticate({ ...nothing, sessionCookie }, client)
    const unknown = { kind: 'anonymous', refused: 'UNAUTHENTICATED' }
    expect(await ask('')).toEqual(unknown)
    expect(await ask('x'.repeat(10_000))).toEqual(unknown)
    expect(await ask(session.id)).toEqual(unknown)
    expect(await ask(`${session.id}.${newSecret()}`)).toEqual(unknown)
    expect(await ask(`${cookie}A`)).toEqual(unknown)
    expect(await ask(` ${cookie}`)).toEqual(unknown)
    await test.accounts.signOut(await ask(cookie), client)
    expect(await ask(cookie)).toEqual({ kind: 'anonymous', refused: 'SESSION_REVOKED' })
    // Only who holds the secret learns that the session existed.
    expect(await ask(`${session.id}.${newSecret()}`)).toEqual(unknown)
  })

  it('ends a session that is not used for the idle time', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const credentials = { ...nothing, sessionCookie: cookie }
    test.clock.advance(14 * day - 1)
    expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ kind: 'user' })
    test.clock.advance(14 * day)
    expect(await test.accounts.authenticate(credentials, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
  })

  it('ends a session after its absolute lifetime, however much it is used', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const credentials = { ...nothing, sessionCookie: cookie }
    for (let passed = 1; passed < 90; passed += 1) {
      test.clock.advance(day)
      expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ kind: 'user' })
    }
    test.clock.advance(day)
    expect(await test.accounts.authenticate(credentials, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
  })

  it('notes the use of a session at most once a minute', async () => {
    await using test = await openAccounts()
    const { cookie, session } = await test.signUp()
    const lastUsedAt = async () =>
      (await test.store.read(({ accounts }) => accounts.findSession(session.id)))?.lastUsedAt
    test.clock.advance(59_999)
    await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    expect(await lastUsedAt()).toBe(session.lastUsedAt)
    test.clock.advance(1)
    await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    expect(await lastUsedAt()).toBe(session.lastUsedAt + 60_000)
  })

  it('refuses a disabled user by cookie and by token', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    test.tamper('update users set disabled_at = 1')
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
    await expect(
      test.accounts.authenticate({ ...nothing, bearer: tokens?.accessToken ?? null }, client),
    ).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })

  it('gives a session all the scopes of its user, as the roles stand now', async () => {
    await using test = await openAccounts()
    const { cookie, user, session } = await test.signUp()
    const credentials = { ...nothing, sessionCookie: cookie }
    expect(await test.accounts.authenticate(credentials, client)).toEqual({
      kind: 'user',
      userId: user.id,
      scopes: scopes.filter((scope) => scope !== 'admin'),
      roles: ['user'],
      assurance: 1,
      authenticatedAt: session.authenticatedAt,
      sessionId: session.id,
      generation: 1,
      keyId: null,
      expiresAt: session.expiresAt,
      mustEnrol: false,
    })
    test.tamper(`update users set roles = '["user","admin","unheard of"]'`)
    test.clock.advance(60_000)
    expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ scopes, roles: ['user', 'admin'] })
  })

  it('takes a token for what it proves only: a cookie is no bearer token, and a bearer token no cookie or key', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const bearer = tokens?.accessToken ?? null
    // Both are remembered by now.
    await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    await test.accounts.authenticate({ ...nothing, bearer }, client)
    const unauthenticated = { code: 'UNAUTHENTICATED' }
    for (const crossed of [cookie, tokens?.refreshToken ?? null]) {
      const wrong = test.accounts.authenticate({ ...nothing, bearer: crossed }, client)
      await expect(wrong).rejects.toMatchObject(unauthenticated)
    }
    for (const crossed of [bearer, cookie]) {
      const wrong = test.accounts.authenticate({ ...nothing, apiKey: crossed }, client)
      await expect(wrong).rejects.toMatchObject(unauthenticated)
    }
    for (const crossed of [bearer, tokens?.refreshToken ?? null]) {
      expect(await test.accounts.authenticate({ ...nothing, sessionCookie: crossed }, client)).toMatchObject({
        kind: 'anonymous',
      })
    }
  })

  it('refuses an access token of an older generation of its session, which lives on', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const { tokens, session } = await test.signIn({ delivery: 'TOKENS' })
    const bearer = { ...nothing, bearer: tokens?.accessToken ?? null }
    expect(await test.accounts.authenticate(bearer, client)).toMatchObject({ kind: 'user' })
    const renewed = await test.accounts.changePassword(
      { currentPassword: goodPassword, newPassword: 'seven quiet harbours', keepOtherSessions: false },
      client,
      await test.accounts.authenticate(bearer, client),
    )
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const newer = { ...nothing, bearer: renewed.tokens?.accessToken ?? null }
    expect(await test.accounts.authenticate(newer, client)).toMatchObject({ sessionId: session.id })
  })

  it('says when a credential ends: an access token before its session', async () => {
    await using test = await openAccounts()
    const { cookie, session } = await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const bearer = { ...nothing, bearer: tokens?.accessToken ?? null }
    expect(await test.accounts.authenticate(bearer, client)).toMatchObject({ expiresAt: tokens?.accessTokenExpiresAt })
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toMatchObject({
      expiresAt: session.expiresAt,
    })
  })

  it.each([
    ['none', '["user","admin"]', scopes, false],
    ['admins', '["user"]', scopes.filter((scope) => scope !== 'admin'), false],
    ['admins', '["user","admin"]', ['account:read'], true],
    ['all', '["user"]', ['account:read'], true],
  ] as const)(
    'where a second factor is asked of %s, gives a session with one factor of %s what it may have',
    async (requireMfa, roles, expected, mustEnrol) => {
      await using test = await openAccounts({ policy: { requireMfa } })
      const { cookie } = await test.signUp()
      test.tamper('update users set roles = ?', roles)
      const credentials = { ...nothing, sessionCookie: cookie }
      expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ scopes: expected, mustEnrol })
      test.tamper('update sessions set assurance = 2')
      test.clock.advance(60_000)
      expect(await test.accounts.authenticate(credentials, client)).toMatchObject({
        scopes: roles.includes('admin') ? scopes : scopes.filter((scope) => scope !== 'admin'),
        mustEnrol: false,
      })
    },
  )
})
