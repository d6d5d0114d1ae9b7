import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import type { SignedIn } from '../../../src/services/accounts/entered.ts'
import { somebody } from '../../support/principals.ts'
import { countOf } from './codes-of.ts'
import { type AccountsUnderTest, client, nothing, openAccounts, settle } from './open-accounts.ts'
import { auditLines } from './stored-facts.ts'

/** Ada in three sessions, the last by tokens, and Eve in one. */
async function openSessions() {
  const test = await openAccounts()
  const first = await test.signUp()
  const second = await test.signIn()
  const third = await test.signIn({ delivery: 'TOKENS' })
  const eve = await test.signUp({ email: 'eve@example.com' })
  const [ada, mallory] = [await principalOf(test, first), await principalOf(test, eve)]
  return { ...test, first, second, third, eve, ada, mallory }
}

const principalOf = ({ accounts }: AccountsUnderTest, { cookie, tokens }: SignedIn): Promise<Principal> =>
  accounts.authenticate({ ...nothing, sessionCookie: cookie, bearer: tokens?.accessToken ?? null }, client)

/** Whether what proves the session is still good. */
async function isAlive(test: AccountsUnderTest, session: SignedIn): Promise<boolean> {
  const principal = await principalOf(test, session).catch(() => anonymous)
  return principal.kind === 'user'
}

describe('ending sessions', () => {
  it('ends one of them, once, and with it all that proves it', async () => {
    await using test = await openSessions()
    const { accounts, ada, third } = test
    await accounts.revokeSession(third.session.id, ada, client)
    expect(await isAlive(test, third)).toBe(false)
    expect([await isAlive(test, test.first), await isAlive(test, test.second)]).toEqual([true, true])
    const again = accounts.revokeSession(third.session.id, ada, client)
    await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such session.' })
    expect(await auditLines(test.store, 'SESSION_REVOKED')).toMatchObject([
      {
        actor: 'USER',
        actorId: third.user.id,
        subjectId: third.user.id,
        sessionId: test.first.session.id,
        details: { revokedSession: third.session.id },
      },
    ])
    const racing = Array.from({ length: 10 }, () => accounts.revokeSession(test.second.session.id, ada, client))
    const { worked, reasons } = await settle(racing)
    expect([worked.length, countOf(reasons, 'NOT_FOUND')]).toEqual([1, 9])
  })

  it('takes the session of somebody else for none at all', async () => {
    await using test = await openSessions()
    const { accounts, ada, eve } = test
    for (const id of [eve.session.id, newId('session'), newId('user'), '', '\u0000', '\ud800', 'x'.repeat(1e6)]) {
      const refused = accounts.revokeSession(id, ada, client)
      await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such session.' })
    }
    expect(await isAlive(test, eve)).toBe(true)
    expect(await auditLines(test.store, 'SESSION_REVOKED')).toEqual([])
  })

  it('ends all others and says how many', async () => {
    await using test = await openSessions()
    const { accounts, ada } = test
    expect(await accounts.revokeOtherSessions(ada, client)).toBe(2)
    const alive = await Promise.all([test.first, test.second, test.third, test.eve].map((one) => isAlive(test, one)))
    expect(alive).toEqual([true, false, false, true])
    expect(await accounts.revokeOtherSessions(ada, client)).toBe(0)
    expect(await auditLines(test.store, 'SESSION_REVOKED')).toMatchObject([{ details: { revokedSessions: 2 } }])
  })

  it('ends every one, the present one as well', async () => {
    await using test = await openSessions()
    expect(await test.accounts.signOutEverywhere(test.ada, client)).toBe(3)
    const alive = await Promise.all([test.first, test.second, test.third, test.eve].map((one) => isAlive(test, one)))
    expect(alive).toEqual([false, false, false, true])
    expect(await auditLines(test.store, 'SIGNED_OUT')).toMatchObject([{ details: { revokedSessions: 3 } }])
  })

  it('tells every process of each session that ended, and its owner', async () => {
    await using test = await openSessions()
    const ended = new Set([test.second, test.third].map(({ session }) => session.id))
    await test.accounts.revokeOtherSessions(test.ada, client)
    const topics = await test.store.read(async ({ log }) => [
      await log.read('revocations', 0, 100),
      await log.read(`sessions:${test.first.user.id}`, 0, 100),
    ])
    const [revocations = [], own = []] = topics.map((events) => events.map(({ body }) => body))
    const revoked = revocations.filter(({ kind, ends }) => kind === 'session' && ends === true).map(({ id }) => id)
    expect(new Set(revoked)).toEqual(ended)
    const told = own.filter(({ kind }) => kind === 'ENDED').map(({ sessionId }) => sessionId)
    expect(new Set(told)).toEqual(ended)
  })

  it('is for nobody and for no API key', async () => {
    await using test = await openSessions()
    const { accounts, first } = test
    const key = somebody({ kind: 'apiKey', userId: first.user.id, sessionId: null, keyId: newId('apiKey') })
    const attempts = (principal: Principal) => [
      accounts.revokeSession(first.session.id, principal, client),
      accounts.revokeOtherSessions(principal, client),
      accounts.signOutEverywhere(principal, client),
    ]
    for (const attempt of attempts(anonymous)) await expect(attempt).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    for (const attempt of attempts(key)) {
      await expect(attempt).rejects.toMatchObject({
        code: 'FORBIDDEN',
        message: 'An API key cannot do this: sign in as a user.',
      })
    }
    expect(await accounts.signOut(key, client)).toBe(false)
    expect(await isAlive(test, first)).toBe(true)
  })
})
