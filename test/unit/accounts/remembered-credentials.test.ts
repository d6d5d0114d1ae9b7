import { describe, expect, it } from 'vitest'
import type { Credentials } from '../../../src/services/accounts/authentication/authentication.ts'
import type { Records, Store } from '../../../src/ports/store.ts'
import { revoke } from '../../../src/services/accounts/sessions/revocations.ts'
import { eventually } from '../../support/eventually.ts'
import { ada, client, nothing, openAccounts } from './open-accounts.ts'

/** A store that counts the sessions that are looked up, can hold the next such look-up, and can lose its log. */
function watched(store: Store) {
  let held: { readonly begun: () => void; readonly go: Promise<void> } | null = null
  const state = {
    sessionsFound: 0,
    broken: false,
    /** Holds the next look-up after it has read the session. */
    hold() {
      const begun = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      held = { begun: begun.resolve, go: go.promise }
      return { begun: begun.promise, go: go.resolve }
    },
  }
  const spied = (records: Records): Records => ({
    ...records,
    accounts: {
      ...records.accounts,
      findSession(id) {
        state.sessionsFound += 1
        return records.accounts.findSession(id)
      },
    },
    log: {
      ...records.log,
      head(topic) {
        if (state.broken) throw new Error('no log')
        return records.log.head(topic)
      },
    },
  })
  const read: Store['read'] = async (work) => {
    const before = state.sessionsFound
    const found = await store.read((records) => work(spied(records)))
    if (held !== null && state.sessionsFound > before) {
      const { begun, go } = held
      held = null
      begun()
      await go
    }
    return found
  }
  return { ...store, read, state }
}

/** Accounts of which one session by cookie and one by token are there, over a store that is watched. */
async function openWatched() {
  const test = await openAccounts()
  const store = watched(test.store)
  const accounts = await test.restart({ store })
  const { cookie } = await test.signUp()
  const { tokens } = await test.signIn({ delivery: 'TOKENS' })
  const credentials: readonly Credentials[] = [
    { ...nothing, sessionCookie: cookie },
    { ...nothing, bearer: tokens?.accessToken ?? null },
  ]
  /** Whether the credential is remembered: known without a look. */
  async function isRemembered(credential: Credentials): Promise<boolean> {
    const before = store.state.sessionsFound
    await accounts.authenticate(credential, client)
    return store.state.sessionsFound === before
  }
  return { ...test, accounts, state: store.state, credentials, isRemembered, tokens }
}

describe('a credential that was found good', () => {
  it('is not looked up again for a minute', async () => {
    await using test = await openWatched()
    for (const credential of test.credentials) await eventually(() => test.isRemembered(credential))
    test.clock.advance(59_999)
    for (const credential of test.credentials) expect(await test.isRemembered(credential)).toBe(true)
    test.clock.advance(1)
    for (const credential of test.credentials) expect(await test.isRemembered(credential)).toBe(false)
    for (const credential of test.credentials) expect(await test.isRemembered(credential)).toBe(true)
  })

  it('is noted as used once a minute, remembered or not', async () => {
    await using test = await openWatched()
    const [cookie = nothing] = test.credentials
    await eventually(() => test.isRemembered(cookie))
    const principal = await test.accounts.authenticate(cookie, client)
    const sessionId = principal.kind === 'anonymous' ? '' : (principal.sessionId ?? '')
    const lastUsedAt = async () =>
      (await test.store.read((records) => records.accounts.findSession(sessionId)))?.lastUsedAt
    const start = test.clock.now()
    const seen: (number | undefined)[] = []
    for (let seconds = 0; seconds < 180; seconds += 20) {
      await test.accounts.authenticate(cookie, client)
      seen.push(await lastUsedAt())
      test.clock.advance(20_000)
    }
    expect(seen.map((at) => (at ?? 0) - start)).toEqual([0, 0, 0, 60, 60, 60, 120, 120, 120].map((s) => s * 1000))
  })

  it('is refused at once when its session is signed out, in this process', async () => {
    await using test = await openWatched()
    for (const credential of test.credentials) {
      await eventually(() => test.isRemembered(credential))
      await test.accounts.signOut(await test.accounts.authenticate(credential, client), client)
    }
    const [cookie = nothing, bearer = nothing] = test.credentials
    expect(await test.accounts.authenticate(cookie, client)).toEqual({ kind: 'anonymous', refused: 'SESSION_REVOKED' })
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })

  it('is refused within a second when its session is signed out in another process', async () => {
    await using test = await openWatched()
    const elsewhere = await test.elsewhere()
    const [cookie = nothing, bearer = nothing] = test.credentials
    for (const credential of test.credentials) await eventually(() => test.isRemembered(credential))
    for (const credential of test.credentials) {
      await elsewhere.signOut(await elsewhere.authenticate(credential, client), client)
    }
    await eventually(async () => (await test.accounts.authenticate(cookie, client)).kind === 'anonymous', 1000)
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })

  it('is not remembered by a look-up that was overtaken by a sign-out', async () => {
    await using test = await openWatched()
    const [, bearer = nothing] = test.credentials
    await eventually(() => test.isRemembered(bearer))
    const principal = await test.accounts.authenticate(bearer, client)
    test.clock.advance(60_000)
    const lookUp = test.state.hold()
    const late = test.accounts.authenticate(bearer, client)
    await lookUp.begun
    await test.accounts.signOut(principal, client)
    lookUp.go()
    // It had read the session while that was alive, so this one request goes through; the next does not.
    expect(await late).toMatchObject({ kind: 'user' })
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })

  it('is looked up each time while revocations cannot be heard, and so is not trusted longer than it should', async () => {
    await using test = await openWatched()
    const elsewhere = await test.elsewhere()
    const [cookie = nothing, bearer = nothing] = test.credentials
    for (const credential of test.credentials) await eventually(() => test.isRemembered(credential))
    test.state.broken = true
    await elsewhere.signOut(await elsewhere.authenticate(bearer, client), client)
    await eventually(async () => !(await test.isRemembered(cookie)))
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    expect(await test.isRemembered(cookie)).toBe(false)
    test.state.broken = false
    await eventually(() => test.isRemembered(cookie))
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })

  it('is not found by another way of writing it', async () => {
    await using test = await openWatched()
    const [cookie = nothing, bearer = nothing] = test.credentials
    for (const credential of test.credentials) await eventually(() => test.isRemembered(credential))
    const token = bearer.bearer ?? ''
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The last character of 64 bytes has four bits that stand for nothing: a lenient decoder takes any of these.
    const variants = [1, 2, 3].map((bits) => token.slice(0, -1) + (alphabet[alphabet.indexOf(last) + bits] ?? ''))
    for (const variant of [`${token}=`, `${token}==`, ` ${token}`, ...variants]) {
      const asked = test.accounts.authenticate({ ...nothing, bearer: variant }, client)
      await expect(asked).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
    await test.accounts.signOut(await test.accounts.authenticate(bearer, client), client)
    for (const variant of [`${token}=`, ...variants]) {
      const asked = test.accounts.authenticate({ ...nothing, bearer: variant }, client)
      await expect(asked).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: `${cookie.sessionCookie}=` }, client)).toEqual(
      {
        kind: 'anonymous',
        refused: 'UNAUTHENTICATED',
      },
    )
  })

  it('is forgotten with all of its user’s when the user is disabled', async () => {
    await using test = await openWatched()
    for (const credential of test.credentials) await eventually(() => test.isRemembered(credential))
    const user = await test.store.read(({ accounts }) => accounts.findUserByEmailKey(ada.email))
    await test.store.write(async (records) => {
      await records.accounts.setDisabled(user?.id ?? '', test.clock.now())
      await revoke(records, { kind: 'user', id: user?.id ?? '', ends: true }, test.clock.now())
    })
    const [cookie = nothing, bearer = nothing] = test.credentials
    expect(await test.accounts.authenticate(cookie, client)).toMatchObject({ kind: 'anonymous' })
    await expect(test.accounts.authenticate(bearer, client)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  })
})

describe('a request before the first reading of the log', () => {
  it('is looked up, and answered', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const store = watched(test.store)
    store.state.broken = true
    const accounts = await test.restart({ store })
    for (let request = 1; request <= 3; request += 1) {
      expect(await accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toMatchObject({ kind: 'user' })
      expect(store.state.sessionsFound).toBe(request)
    }
  })
})
