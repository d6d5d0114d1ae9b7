import { describe, expect, it } from 'vitest'
import { anonymous, type KnownPrincipal, type Principal } from '../../../src/core/principal.ts'
import type { SignedIn } from '../../../src/services/accounts/entered.ts'
import type { TopicStream } from '../../../src/services/streams/stream.ts'
import { type AccountsUnderTest, ada, client, nothing, openAccounts } from './open-accounts.ts'

/** Who is known by the session's cookie. */
function by(test: AccountsUnderTest, { cookie }: SignedIn): Promise<Principal> {
  return test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
}

async function nextOf(stream: TopicStream) {
  const { value } = await stream.next()
  return value?.body
}

describe('watching one’s sessions', () => {
  it('opens with the present one, and tells of each that starts, is renewed or ends', async () => {
    await using test = await openAccounts()
    const own = await test.signUp()
    const principal = await by(test, own)
    const stream = await test.accounts.watchSessions(principal, null)
    const at = test.clock.now()
    expect(await nextOf(stream)).toEqual({ kind: 'PRESENT', sessionId: own.session.id, at })
    test.clock.advance(1000)
    const other = await test.signIn()
    expect(await nextOf(stream)).toEqual({ kind: 'STARTED', sessionId: other.session.id, at: at + 1000 })
    await test.accounts.signOut(await by(test, other), client)
    expect(await nextOf(stream)).toEqual({ kind: 'ENDED', sessionId: other.session.id, at: at + 1000 })
    const wish = { currentPassword: ada.password, newPassword: 'another violet hum 8', keepOtherSessions: false }
    await test.accounts.changePassword(wish, client, principal)
    expect(await nextOf(stream)).toMatchObject({ kind: 'RENEWED', sessionId: own.session.id })
    await stream.return()
  })

  it('goes on after a cursor', async () => {
    await using test = await openAccounts()
    const principal = await by(test, await test.signUp())
    const stream = await test.accounts.watchSessions(principal, null)
    await stream.next()
    const { cursor } = stream
    await stream.return()
    const other = await test.signIn()
    const resumed = await test.accounts.watchSessions(principal, { after: cursor, onGap: 'error' })
    expect(await nextOf(resumed)).toMatchObject({ kind: 'STARTED', sessionId: other.session.id })
    await resumed.return()
  })

  it('tells nothing of the sessions of others', async () => {
    await using test = await openAccounts()
    const own = await by(test, await test.signUp())
    const stream = await test.accounts.watchSessions(own, null)
    await stream.next()
    await test.signUp({ email: 'eve@example.com' })
    const mine = await test.signIn()
    expect(await nextOf(stream)).toMatchObject({ kind: 'STARTED', sessionId: mine.session.id })
    await stream.return()
  })

  it('is refused to nobody, to who has signed out, to API keys and without the scope', async () => {
    await using test = await openAccounts()
    const principal = (await by(test, await test.signUp())) as KnownPrincipal // the cookie is good
    const key: KnownPrincipal = { ...principal, kind: 'apiKey', sessionId: null, keyId: 'key' }
    const narrow: KnownPrincipal = { ...principal, scopes: ['jobs:read'] }
    for (const [asker, code] of [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [key, 'FORBIDDEN'],
      [narrow, 'INSUFFICIENT_SCOPE'],
    ] as const) {
      await expect(test.accounts.watchSessions(asker, null)).rejects.toMatchObject({ code })
    }
  })
})
