import { describe, expect, it } from 'vitest'
import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import { day, nothing, openAccounts, client } from './open-accounts.ts'

describe('own sessions and own account', () => {
  it('are not shown to nobody, nor to a credential without the scope', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    // A user's principal: the cookie is good.
    const principal = (await test.accounts.authenticate(
      { ...nothing, sessionCookie: cookie },
      client,
    )) as KnownPrincipal
    const narrow: KnownPrincipal = { ...principal, kind: 'apiKey', scopes: ['jobs:read'] }
    for (const ask of [test.accounts.me, test.accounts.sessions]) {
      await expect(ask(anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: 'Sign in first.' })
      await expect(ask({ kind: 'anonymous', refused: 'SESSION_REVOKED' })).rejects.toMatchObject({
        code: 'SESSION_REVOKED',
      })
      await expect(ask(narrow)).rejects.toMatchObject({
        code: 'INSUFFICIENT_SCOPE',
        message: 'This needs the scope account:read.',
      })
    }
  })

  it('are listed newest first, without those that ended, expired or idled out', async () => {
    await using test = await openAccounts()
    const idle = await test.signUp()
    test.clock.advance(10 * day)
    const ended = await test.signIn()
    const older = await test.signIn()
    test.clock.advance(5 * day)
    const newer = await test.signIn({ delivery: 'TOKENS' })
    await test.signUp({ email: 'eve@example.com' })
    const gone = await test.accounts.authenticate({ ...nothing, sessionCookie: ended.cookie }, client)
    await test.accounts.signOut(gone, client)
    const principal = await test.accounts.authenticate({ ...nothing, sessionCookie: older.cookie }, client)

    const sessions = await test.accounts.sessions(principal)
    expect(sessions.map(({ id }) => id)).toEqual([newer.session.id, older.session.id])
    expect(sessions.map(({ id }) => id)).not.toContain(idle.session.id)
    for (const session of sessions) expect(session).not.toHaveProperty('secretHash')
    expect(await test.accounts.me(principal)).toEqual(idle.user)
  })

  it('end once', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const principal = await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    expect(await test.accounts.signOut(anonymous, client)).toBe(false)
    const outcomes = await Promise.all([
      test.accounts.signOut(principal, client),
      test.accounts.signOut(principal, client),
    ])
    expect(outcomes.filter(Boolean)).toEqual([true])
    expect(await test.accounts.sessions(principal)).toEqual([])
  })

  it('do not show an account that was removed', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const principal = await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    test.tamper('delete from sessions')
    test.tamper('delete from users')
    await expect(test.accounts.me(principal)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const restarted = await test.restart()
    expect(await restarted.authenticate({ ...nothing, sessionCookie: cookie }, client)).toMatchObject({
      kind: 'anonymous',
    })
  })
})
