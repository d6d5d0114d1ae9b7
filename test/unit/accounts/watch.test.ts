import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../src/core/errors.ts'
import { anonymous, type KnownPrincipal, type Principal } from '../../../src/core/principal.ts'
import { createWatches } from '../../../src/services/accounts/authentication/watches.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import { revocationsTopic, revoke } from '../../../src/services/accounts/sessions/revocations.ts'
import { newId } from '../../../src/core/ids.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { somebody } from '../../support/principals.ts'
import { type AccountsUnderTest, ada, client, day, nothing, openAccounts, testPolicy } from './open-accounts.ts'

const minute = 60_000

/** Watches a principal and keeps what it is told. */
function watch(accounts: Pick<Accounts, 'watch'>, principal: Principal) {
  const told: Refusal[] = []
  const stop = accounts.watch(principal, (why) => told.push(why))
  return { stop, told, codes: () => told.map(({ code }) => code) }
}

async function signedIn(test: AccountsUnderTest, delivery: 'COOKIE' | 'TOKENS'): Promise<KnownPrincipal> {
  const { cookie, tokens } = await test.signIn({ delivery })
  const credentials = { ...nothing, sessionCookie: cookie, bearer: tokens?.accessToken ?? null }
  const principal = await test.accounts.authenticate(credentials, client)
  if (principal.kind === 'anonymous') throw new Error('Nobody is signed in.')
  return principal
}

/** An API key of a new user, as its principal. */
async function keyOf(test: AccountsUnderTest, expiresAt: number | null): Promise<KnownPrincipal> {
  const { user } = await test.signUp()
  const id = newId('apiKey')
  const key = { id, userId: user.id, name: 'key', secretHash: 'hash', lastFour: 'abcd', scopes: ['jobs:read'] as const }
  const limits = { allowedIps: [], requestsPerMinute: 60, createdAt: test.clock.now(), lastUsedAt: null }
  const record = { ...key, ...limits, expiresAt, revokedAt: null, successorId: null }
  await test.store.write(({ apiKeys }) => apiKeys.insert(record))
  return somebody({ kind: 'apiKey', userId: user.id, scopes: ['jobs:read'], sessionId: null, keyId: id, expiresAt })
}

describe('who watches a credential', () => {
  it('is told once, at once, that its session was signed out', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    const other = await signedIn(test, 'COOKIE')
    const watches = [principal, principal, other].map((one) => watch(test.accounts, one))
    await test.accounts.signOut(principal, client)
    expect(watches.map((one) => one.codes())).toEqual([['SESSION_REVOKED'], ['SESSION_REVOKED'], []])
    await test.accounts.signOut(principal, client)
    expect(watches.map((one) => one.codes())).toEqual([['SESSION_REVOKED'], ['SESSION_REVOKED'], []])
  })

  it('is told within a second of what was revoked in another process', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const elsewhere = await test.elsewhere()
    const principal = await signedIn(test, 'TOKENS')
    const here = watch(test.accounts, principal)
    await elsewhere.signOut(principal, client)
    await eventually(() => here.told.length === 1, 1000)
    expect(here.codes()).toEqual(['SESSION_REVOKED'])
  })

  it('is told of what ended between the authentication and the watch', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    await test.accounts.signOut(principal, client)
    const late = watch(test.accounts, principal)
    await eventually(() => late.told.length === 1)
    expect(late.codes()).toEqual(['SESSION_REVOKED'])
  })

  it('is told when an access token expires, though its session lives on', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const byToken = watch(test.accounts, await signedIn(test, 'TOKENS'))
    const byCookie = watch(test.accounts, await signedIn(test, 'COOKIE'))
    test.clock.advance(10 * minute - 1)
    const ticked = watch(test.accounts, somebody({ expiresAt: test.clock.now() }))
    await eventually(() => ticked.told.length === 1)
    expect(byToken.told).toEqual([])
    test.clock.advance(1)
    await eventually(() => byToken.told.length === 1, 1000)
    expect(byToken.codes()).toEqual(['UNAUTHENTICATED'])
    expect(byCookie.told).toEqual([])
    test.clock.advance(90 * day)
    await eventually(() => byCookie.told.length === 1, 1000)
    expect(byCookie.codes()).toEqual(['UNAUTHENTICATED'])
  })

  it('is told when the user is disabled or loses a scope, and not when one is gained', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const changed = async (ends: boolean) =>
      test.store.write((records) => revoke(records, { kind: 'user', id: user.id, ends }, test.clock.now()))
    const plain = watch(test.accounts, await signedIn(test, 'COOKIE'))
    test.tamper(`update users set roles = '["user","admin"]'`)
    await changed(false)
    const administrator = watch(test.accounts, await signedIn(test, 'COOKIE'))
    test.tamper(`update users set roles = '["user"]'`)
    await changed(false)
    await eventually(() => administrator.told.length === 1)
    expect(administrator.codes()).toEqual(['UNAUTHENTICATED'])
    expect(plain.told).toEqual([])
    await changed(true)
    expect(plain.codes()).toEqual(['SESSION_REVOKED'])
  })

  it('goes on over a renewal of the session', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    const seen = watch(test.accounts, principal)
    await test.accounts.changePassword(
      { currentPassword: ada.password, newPassword: 'seven quiet harbours', keepOtherSessions: false },
      client,
      principal,
    )
    const after = watch(test.accounts, { ...principal, sessionId: newId('session') })
    await eventually(() => after.told.length === 1)
    expect(seen.told).toEqual([])
  })

  it('is told of an API key that was revoked, replaced or has expired', async () => {
    for (const end of ['revoke', 'replace', 'expire', 'already expired'] as const) {
      await using test = await openAccounts()
      const start = test.clock.now()
      const principal = await keyOf(test, start + 30 * minute)
      const { userId } = principal
      const keyId = principal.keyId ?? ''
      if (end === 'already expired') test.clock.advance(30 * minute)
      const seen = watch(test.accounts, principal)
      if (end === 'revoke') {
        await test.store.write(async (records) => {
          await records.apiKeys.revoke(userId, keyId, start)
          await revoke(records, { kind: 'apiKey', id: keyId, ends: true }, start)
        })
      } else if (end === 'replace') {
        await test.store.write(async (records) => {
          await records.apiKeys.replace(userId, keyId, 'key_2', start + 10 * minute)
          await revoke(records, { kind: 'apiKey', id: keyId, ends: false }, start)
        })
        const checked = watch(test.accounts, somebody())
        await eventually(() => checked.told.length === 1)
        test.clock.advance(10 * minute)
      } else if (end === 'expire') test.clock.advance(30 * minute)
      await eventually(() => seen.told.length === 1)
      expect(test.clock.now() - start).toBe({ revoke: 0, replace: 10, expire: 30, 'already expired': 30 }[end] * minute)
      expect(seen.codes()).toEqual([end === 'revoke' ? 'SESSION_REVOKED' : 'UNAUTHENTICATED'])
    }
  })

  it('learns of what was missed when the log could not be followed', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const [ended, living] = [await signedIn(test, 'COOKIE'), await signedIn(test, 'COOKIE')]
    const watches = [ended, living].map((one) => watch(test.accounts, one))
    test.tamper('update sessions set ended_at = 1 where id = ?', ended.sessionId)
    // The log was started anew: what it held in between is lost to everybody.
    test.tamper(`update topics set epoch = 'another' where name = ?`, revocationsTopic)
    await test.store.write((records) => revoke(records, { kind: 'session', id: 'ses_other', ends: true }, 0))
    await eventually(() => watches[0]?.told.length === 1, 2000)
    expect(watches.map((one) => one.codes())).toEqual([['SESSION_REVOKED'], []])
  })

  it('is told nothing any more once it has stopped, and nobody is not watched at all', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    const [stopped, going] = [watch(test.accounts, principal), watch(test.accounts, principal)]
    stopped.stop()
    stopped.stop()
    const nobody = watch(test.accounts, anonymous)
    await test.accounts.signOut(principal, client)
    expect([stopped.told, nobody.told]).toEqual([[], []])
    expect(going.told).toHaveLength(1)
    nobody.stop()
  })

  it('may throw without keeping the others from hearing', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    test.accounts.watch(principal, () => {
      throw new Error('cannot listen')
    })
    const second = watch(test.accounts, principal)
    await test.accounts.signOut(principal, client)
    expect(second.told).toHaveLength(1)
  })
})

describe('watches', () => {
  it('leave no timer and nothing to remember, however they end', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const { sessionId } = await signedIn(test, 'COOKIE')
    const watches = createWatches({ ...test, policy: testPolicy, logger: collectingLogger() })
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const principal = somebody({ userId: user.id, sessionId, expiresAt: test.clock.now() + 400 * day })
    const stops = Array.from({ length: 1000 }, () => watches.add(principal, () => undefined))
    expect([watches.size, timers()]).toEqual([1000, before])
    for (const stop of stops.slice(0, 500)) stop()
    expect(watches.size).toBe(500)
    watches.revoked({ kind: 'session', id: sessionId ?? '', ends: true })
    expect(watches.size).toBe(0)

    for (let count = 0; count < 1000; count += 1) watches.add(principal, () => undefined)
    test.clock.advance(400 * day)
    watches.tick()
    expect(watches.size).toBe(0)

    // Looked up, and found to be of a session that is not there.
    for (let count = 0; count < 1000; count += 1) watches.add(somebody(), () => undefined)
    await eventually(() => watches.size === 0)
  })

  it('are looked up again when the store could not be read', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const principal = await signedIn(test, 'COOKIE')
    await test.accounts.signOut(principal, client)
    const logger = collectingLogger()
    let isDown = true
    const read: typeof test.store.read = (work) => (isDown ? Promise.reject(new Error('down')) : test.store.read(work))
    const watches = createWatches({ store: { ...test.store, read }, clock: test.clock, policy: testPolicy, logger })
    const told: string[] = []
    watches.add(principal, ({ code }) => told.push(code))
    await eventually(() => logger.lines.length === 1)
    expect(told).toEqual([])
    isDown = false
    watches.tick()
    await eventually(() => told.length === 1)
    expect([told, watches.size]).toEqual([['SESSION_REVOKED'], 0])
  })

  it('of one credential take two look-ups to come, and one each time that it is doubted', async () => {
    await using test = await openAccounts()
    const { read, reads, watches, principal } = await openSlowWatches(test)
    for (let count = 0; count < 1000; count += 1) watches.add(principal, nobody)
    // One that began with the first of them, and one for those who came meanwhile.
    await read()
    await read()
    expect(reads()).toEqual([[principal.sessionId], [principal.sessionId]])
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    watches.revoked({ kind: 'session', id: principal.sessionId ?? '', ends: false })
    await read()
    await read()
    expect(reads().slice(2)).toEqual([[principal.sessionId], [principal.sessionId]])
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    await read()
    expect(reads().slice(4)).toEqual([[principal.sessionId]])
    expect(watches.size).toBe(1000)
  })

  it('are told apart by what the credential may do', async () => {
    await using test = await openAccounts()
    const { read, watches, principal } = await openSlowWatches(test)
    const told: string[] = []
    watches.add({ ...principal, scopes: ['admin', ...principal.scopes] }, ({ code }) => told.push(code))
    watches.add(principal, ({ code }) => told.push(`all: ${code}`))
    await read()
    await read()
    expect([told, watches.size]).toEqual([['UNAUTHENTICATED'], 1])
  })

  it('are held from the doubt until the look-up that began after it has answered', async () => {
    await using test = await openAccounts()
    const { read, watches, principal } = await openSlowWatches(test)
    const stays = heldOnes()
    watches.add(principal, nobody, stays)
    const old = heldOnes()
    const stop = watches.add(principal, nobody, old)
    expect(stays.calls).toEqual([])
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    watches.missed()
    expect([stays.calls, old.calls]).toEqual([['hold'], ['hold']])
    // Who comes while it is doubted is held from the beginning.
    const late = heldOnes()
    watches.add(principal, nobody, late)
    stop()
    // This one began before.
    await read()
    expect([stays.calls, late.calls]).toEqual([['hold'], ['hold']])
    await read()
    expect([stays.calls, late.calls, old.calls]).toEqual([['hold', 'release'], ['hold', 'release'], ['hold']])
    watches.revoked({ kind: 'user', id: somebody().userId, ends: false })
    expect(stays.calls).toHaveLength(2)
  })

  it('are not released when the credential may do less, but ended', async () => {
    await using test = await openAccounts()
    const { read, watches, principal } = await openSlowWatches(test)
    const held = heldOnes()
    watches.add(principal, ({ code }) => held.calls.push(code), held)
    await read()
    test.tamper('update sessions set ended_at = 1')
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    await read()
    expect(held.calls).toEqual(['hold', 'SESSION_REVOKED'])
  })

  it('that are doubted are looked up before those that have come', async () => {
    await using test = await openAccounts()
    const { read, reads, watches, principal } = await openSlowWatches(test)
    watches.add(principal, nobody)
    await read()
    const others = Array.from({ length: 250 }, () => somebody())
    for (const other of others) watches.add(other, nobody)
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    for (let count = 0; count < 4; count += 1) await read()
    const sessions = others.map(({ sessionId }) => sessionId)
    expect(reads().slice(1)).toEqual([
      // It began before.
      sessions.slice(0, 1),
      [principal.sessionId, ...sessions.slice(1, 100)],
      sessions.slice(100, 200),
      sessions.slice(200),
    ])
    expect(watches.size).toBe(1)
  })

  it('stay held while the store cannot be read', async () => {
    await using test = await openAccounts()
    const { read, watches, principal } = await openSlowWatches(test)
    const held = heldOnes()
    watches.add(principal, nobody, held)
    await read()
    watches.revoked({ kind: 'user', id: principal.userId, ends: false })
    await read('down')
    expect(held.calls).toEqual(['hold'])
    watches.tick()
    await read('down')
    expect(held.calls).toEqual(['hold'])
    watches.tick()
    await read()
    expect(held.calls).toEqual(['hold', 'release'])
  })

  it('may throw when they are held or released without keeping the others from hearing', async () => {
    await using test = await openAccounts()
    const { read, watches, principal } = await openSlowWatches(test)
    const throws = () => {
      throw new Error('cannot listen')
    }
    watches.add(principal, nobody, { hold: throws, release: throws })
    const held = heldOnes()
    watches.add(principal, nobody, held)
    watches.missed()
    await read()
    await read()
    expect(held.calls).toEqual(['hold', 'release'])
  })
})

const nobody = () => undefined

function heldOnes() {
  const calls: string[] = []
  return { calls, hold: () => void calls.push('hold'), release: () => void calls.push('release') }
}

/** Watches over a store whose readings the test lets through one by one, and a principal whose credential stands. */
async function openSlowWatches(test: AccountsUnderTest) {
  await test.signUp()
  const principal = await signedIn(test, 'COOKIE')
  const waiting: ((how: 'up' | 'down') => void)[] = []
  const sessionsRead: string[][] = []
  const read: typeof test.store.read = async (work) => {
    const how = await new Promise<'up' | 'down'>((resolve) => void waiting.push(resolve))
    if (how === 'down') throw new Error('down')
    const seen: string[] = []
    sessionsRead.push(seen)
    return test.store.read((records) => {
      const findSession: typeof records.accounts.findSession = (id) => {
        seen.push(id)
        return records.accounts.findSession(id)
      }
      return work({ ...records, accounts: { ...records.accounts, findSession } })
    })
  }
  const logger = collectingLogger()
  const watches = createWatches({ store: { ...test.store, read }, clock: test.clock, policy: testPolicy, logger })
  return {
    watches,
    principal,
    /** The sessions that each reading looked up. */
    reads: () => sessionsRead,
    /** Lets one reading through, and waits for what comes of it. */
    async read(how: 'up' | 'down' = 'up') {
      await eventually(() => waiting.length === 1)
      waiting.pop()?.(how)
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
