import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { newId } from '../../src/core/ids.ts'
import type { AccountRecords, SessionRecord, UserRecord } from '../../src/ports/accounts/account-records.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'

interface Engine {
  open(): Promise<TestStore>
  /** Another connection to the same database, as another process has it. */
  again(store: TestStore): Promise<Store>
}

const engines: Readonly<Record<string, Engine>> = {
  SQLite: { open: openTestStore, again: ({ path }) => sqliteStore({ path }) },
}

function newUser(overrides: Partial<UserRecord> = {}): UserRecord {
  return {
    id: newId('user'),
    email: 'Ada@example.com',
    displayName: `Ada "Countess" L'ove; lace 😀`,
    roles: ['user'],
    passwordHash: 'hash',
    createdAt: 1_790_000_000_123,
    disabledAt: null,
    ...overrides,
  }
}

function newSession(userId: string, overrides: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: newId('session'),
    userId,
    secretHash: 'secret hash',
    delivery: 'COOKIE',
    assurance: 1,
    authenticatedAt: 1000,
    createdAt: 1000,
    lastUsedAt: 1000,
    expiresAt: 5000,
    endedAt: null,
    ip: '192.0.2.7',
    userAgent: 'test',
    ...overrides,
  }
}

describe.each(Object.entries(engines))('account records in %s', (_name, { open, again }) => {
  const write = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
    store.write(({ accounts }) => work(accounts))
  const read = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
    store.read(({ accounts }) => work(accounts))

  it('find nobody who was not entered', async () => {
    await using store = await open()
    expect(await read(store, (accounts) => accounts.findUser(newId('user')))).toBeNull()
    expect(await read(store, (accounts) => accounts.findUserByEmailKey('ada@example.com'))).toBeNull()
    expect(await read(store, (accounts) => accounts.findSession(newId('session')))).toBeNull()
    expect(await read(store, (accounts) => accounts.countAdmins())).toBe(0)
  })

  it('enter a user once per email key, and say so', async () => {
    await using store = await open()
    const user = newUser()
    expect(await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))).toBe(true)
    expect(await write(store, (accounts) => accounts.insertUser(newUser(), 'ada@example.com'))).toBe(false)
    expect(await read(store, (accounts) => accounts.findUserByEmailKey('ada@example.com'))).toEqual(user)
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toEqual(user)
  })

  it('let one of ten win an email key, from two connections at once', async () => {
    await using store = await open()
    await using other = await again(store)
    const stores = [store, other]
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        write(stores[i % 2] ?? store, (accounts) => accounts.insertUser(newUser(), 'ada@example.com')),
      ),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
  })

  it('give back absent values as null and roles as a list', async () => {
    await using store = await open()
    const user = newUser({ passwordHash: null, disabledAt: 7, roles: ['user', 'admin'] })
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toEqual(user)
    expect(await read(store, (accounts) => accounts.countAdmins())).toBe(1)
  })

  it('set the password hash of one user', async () => {
    await using store = await open()
    const [ada, eve] = [newUser(), newUser()]
    await write(store, (accounts) => accounts.insertUser(ada, 'ada@example.com'))
    await write(store, (accounts) => accounts.insertUser(eve, 'eve@example.com'))
    await write(store, (accounts) => accounts.setPasswordHash(ada.id, 'newer'))
    expect((await read(store, (accounts) => accounts.findUser(ada.id)))?.passwordHash).toBe('newer')
    expect((await read(store, (accounts) => accounts.findUser(eve.id)))?.passwordHash).toBe('hash')
  })

  it('keep a session as it was entered', async () => {
    await using store = await open()
    const user = newUser()
    const sessions = [
      newSession(user.id),
      newSession(user.id, { ip: null, userAgent: null, assurance: 2, delivery: 'TOKENS' }),
    ]
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    for (const session of sessions) {
      await write(store, (accounts) => accounts.insertSession(session))
      expect(await read(store, (accounts) => accounts.findSession(session.id))).toEqual(session)
    }
  })

  it('enter no session of a user that is not there', async () => {
    await using store = await open()
    await expect(write(store, (accounts) => accounts.insertSession(newSession(newId('user'))))).rejects.toThrow(
      /FOREIGN KEY/i,
    )
  })

  it('list the living sessions of one user, newest first', async () => {
    await using store = await open()
    const [user, other] = [newUser(), newUser()]
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    await write(store, (accounts) => accounts.insertUser(other, 'eve@example.com'))
    const older = newSession(user.id)
    const newer = newSession(user.id, { createdAt: 2000 })
    const rest = [
      newSession(user.id, { endedAt: 1500 }),
      newSession(user.id, { expiresAt: 3000 }),
      newSession(other.id),
    ]
    for (const session of [older, newer, ...rest]) await write(store, (accounts) => accounts.insertSession(session))
    expect(await read(store, (accounts) => accounts.sessionsOf(user.id, 3000))).toEqual([newer, older])
  })

  it('move the last use forward only', async () => {
    await using store = await open()
    const user = newUser()
    const session = newSession(user.id)
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    await write(store, (accounts) => accounts.insertSession(session))
    for (const at of [3000, 2000]) await write(store, (accounts) => accounts.touchSession(session.id, at))
    expect((await read(store, (accounts) => accounts.findSession(session.id)))?.lastUsedAt).toBe(3000)
  })

  it('end a session once, and none that had expired', async () => {
    await using store = await open()
    const user = newUser()
    const [session, expired] = [newSession(user.id), newSession(user.id)]
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    for (const one of [session, expired]) await write(store, (accounts) => accounts.insertSession(one))
    const end = (id: string, at: number) => write(store, (accounts) => accounts.endSession(id, at))
    expect(await Promise.all([end(session.id, 2000), end(session.id, 2001)])).toEqual([true, false])
    expect(await end(session.id, 3000)).toBe(false)
    expect(await end(expired.id, 5000)).toBe(false)
    expect(await end(newId('session'), 2000)).toBe(false)
    expect((await read(store, (accounts) => accounts.findSession(session.id)))?.endedAt).toBe(2000)
  })

  it('undo everything of a transaction that throws', async () => {
    await using store = await open()
    const user = newUser()
    const failing = write(store, async (accounts) => {
      await accounts.insertUser(user, 'ada@example.com')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toBeNull()
  })
})
