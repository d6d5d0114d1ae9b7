import { describe, expect, it } from 'vitest'
import { authMethods } from '../../src/core/auth-method.ts'
import { newId } from '../../src/core/ids.ts'
import type { AccountRecords, SessionRecord } from '../../src/ports/accounts/account-records.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, newSession, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
  store.write(({ accounts }) => work(accounts))
const find = (store: Store, id: string) => store.read(({ accounts }) => accounts.findSession(id))

async function enter(store: Store, ...sessions: readonly SessionRecord[]): Promise<void> {
  for (const session of sessions) await write(store, (accounts) => accounts.insertSession(session))
}

describe.each(Object.entries(engines))('session records in %s', (_name, { open, again }) => {
  it('keep a session as it was entered', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const sessions = [
      newSession(id),
      newSession(id, { ip: null, userAgent: null, assurance: 2, delivery: 'TOKENS', methods: [] }),
      newSession(id, { generation: 7, userAgent: strangeText, methods: authMethods.toReversed() }),
      newSession(id, { methods: ['TOTP', 'PASSWORD', 'TOTP'], endedAt: 1_790_000_000_123 }),
    ]
    await enter(store, ...sessions)
    for (const session of sessions) expect(await find(store, session.id)).toEqual(session)
    expect(await find(store, newId('session'))).toBeNull()
  })

  it('enter no session of a user that is not there', async () => {
    await using store = await open()
    await expect(enter(store, newSession(newId('user')))).rejects.toThrow(/foreign key/i)
  })

  it('list the living sessions of one user, newest first', async () => {
    await using store = await open()
    const [user, other] = [await enterUser(store), await enterUser(store)]
    const older = newSession(user.id)
    const newer = newSession(user.id, { createdAt: 2000 })
    await enter(store, older, newer)
    await enter(store, newSession(user.id, { endedAt: 1500 }), newSession(user.id, { expiresAt: 3000 }))
    await enter(store, newSession(other.id))
    expect(await store.read(({ accounts }) => accounts.sessionsOf(user.id, 3000))).toEqual([newer, older])
  })

  it('move the last use forward only', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    const [session, sibling] = [newSession(userId), newSession(userId)]
    await enter(store, session, sibling)
    for (const at of [3000, 2000]) await write(store, (accounts) => accounts.touchSession(session.id, at))
    expect((await find(store, session.id))?.lastUsedAt).toBe(3000)
    expect(await find(store, sibling.id)).toEqual(sibling)
  })

  it('end a session once, and none that had expired', async () => {
    await using store = await open()
    await using other = await again(store)
    const { id: userId } = await enterUser(store)
    const [session, expired] = [newSession(userId), newSession(userId)]
    await enter(store, session, expired)
    const end = (id: string, at: number) => write(store, (accounts) => accounts.endSession(id, at))
    expect(await winners([store, other], ({ accounts }) => accounts.endSession(session.id, 2000))).toBe(1)
    expect(await end(session.id, 3000)).toBe(false)
    expect(await end(expired.id, 5000)).toBe(false)
    expect(await end(newId('session'), 2000)).toBe(false)
    expect((await find(store, session.id))?.endedAt).toBe(2000)
    expect(await find(store, expired.id)).toEqual(expired)
  })

  it('end all living sessions of one user but one, and name each to one caller', async () => {
    await using store = await open()
    await using other = await again(store)
    const [user, stranger] = [await enterUser(store), await enterUser(store)]
    const [kept, one, two] = [newSession(user.id), newSession(user.id), newSession(user.id)]
    const [ended, expired] = [newSession(user.id, { endedAt: 1500 }), newSession(user.id, { expiresAt: 2000 })]
    const foreign = newSession(stranger.id)
    await enter(store, kept, one, two, ended, expired, foreign)
    const outcomes = await Promise.all(
      [store, other, store, other].map((each) =>
        write(each, (accounts) => accounts.endSessionsOf(user.id, 2000, kept.id)),
      ),
    )
    expect(outcomes.flat().toSorted()).toEqual([one.id, two.id].toSorted())
    for (const alive of [kept, foreign]) expect(await find(store, alive.id)).toEqual(alive)
    expect(await find(store, ended.id)).toEqual(ended)
    expect(await write(store, (accounts) => accounts.endSessionsOf(user.id, 2000, null))).toEqual([kept.id])
    expect(await find(store, foreign.id)).toEqual(foreign)
  })

  describe('given new credentials', () => {
    const change = {
      secretHash: 'newer hash',
      assurance: 2,
      methods: ['PASSWORD', 'TOTP'],
      authenticatedAt: 4000,
    } as const

    it('are one generation on, and otherwise as they were', async () => {
      await using store = await open()
      const { id: userId } = await enterUser(store)
      const [session, sibling] = [newSession(userId, { generation: 3 }), newSession(userId, { generation: 3 })]
      await enter(store, session, sibling)
      expect(await write(store, (accounts) => accounts.renewSession(session.id, 3, change))).toBe(true)
      expect(await find(store, session.id)).toEqual({ ...session, ...change, generation: 4 })
      expect(await find(store, sibling.id)).toEqual(sibling)
    })

    it('let one of many win', async () => {
      await using store = await open()
      await using other = await again(store)
      const session = newSession((await enterUser(store)).id)
      await enter(store, session)
      expect(await winners([store, other], ({ accounts }) => accounts.renewSession(session.id, 1, change))).toBe(1)
      expect((await find(store, session.id))?.generation).toBe(2)
    })

    it('stay as they are when they have ended, or the generation is another', async () => {
      await using store = await open()
      const { id: userId } = await enterUser(store)
      const [session, ended] = [newSession(userId), newSession(userId, { endedAt: 1500 })]
      await enter(store, session, ended)
      const renew = (id: string, generation: number) =>
        write(store, (accounts) => accounts.renewSession(id, generation, change))
      expect(await renew(session.id, 0)).toBe(false)
      expect(await renew(session.id, 2)).toBe(false)
      expect(await renew(ended.id, 1)).toBe(false)
      expect(await renew(newId('session'), 1)).toBe(false)
      for (const one of [session, ended]) expect(await find(store, one.id)).toEqual(one)
    })
  })

  it('let the sessions of one user count as shown one factor, and change nothing else of them', async () => {
    await using store = await open()
    const [user, other] = [await enterUser(store), await enterUser(store)]
    const proven = newSession(user.id, { assurance: 2, methods: ['PASSWORD', 'TOTP'], generation: 3 })
    const [unproven, foreign] = [newSession(user.id), newSession(other.id, { assurance: 2 })]
    await enter(store, proven, unproven, foreign)
    await write(store, (accounts) => accounts.lowerAssurance(user.id))
    expect(await find(store, proven.id)).toEqual({ ...proven, assurance: 1 })
    for (const session of [unproven, foreign]) expect(await find(store, session.id)).toEqual(session)
  })

  it('forget sessions that are over, never more than asked for, with their refresh tokens', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    const over = [
      newSession(userId, { endedAt: 1999 }),
      newSession(userId, { expiresAt: 1999 }),
      newSession(userId, { endedAt: 1500, expiresAt: 1600 }),
    ]
    const rest = [newSession(userId), newSession(userId, { endedAt: 2000 }), newSession(userId, { expiresAt: 2000 })]
    await enter(store, ...over, ...rest)
    const tokens = [...over, ...rest].map((session) => ({ id: newId('refreshToken'), sessionId: session.id }))
    for (const token of tokens) {
      const times = { createdAt: 1, expiresAt: 9999, retiredAt: null }
      const record = { ...token, ...times, secretHash: 'h', successorSealed: null, successorId: null }
      await write(store, (accounts) => accounts.insertRefreshToken(record))
    }
    const purge = () => write(store, (accounts) => accounts.purgeSessions(2000, 2))
    expect(await purge()).toBe(2)
    expect(await purge()).toBe(1)
    expect(await purge()).toBe(0)
    for (const session of over) expect(await find(store, session.id)).toBeNull()
    for (const session of rest) expect(await find(store, session.id)).toEqual(session)
    const left = await store.read(({ accounts }) => Promise.all(tokens.map(({ id }) => accounts.findRefreshToken(id))))
    expect(left.map((token) => token?.sessionId ?? null)).toEqual([null, null, null, ...rest.map(({ id }) => id)])
  })
})
