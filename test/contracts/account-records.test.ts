import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { newSecret } from '../../src/core/secrets.ts'
import type { AccountRecords, UserPage } from '../../src/ports/accounts/account-records.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, newSession, newUser, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
  store.write(({ accounts }) => work(accounts))
const read = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
  store.read(({ accounts }) => work(accounts))

describe.each(Object.entries(engines))('account records in %s', (_name, { open, again }) => {
  it('find nobody who was not entered', async () => {
    await using store = await open()
    expect(await read(store, (accounts) => accounts.findUser(newId('user')))).toBeNull()
    expect(await read(store, (accounts) => accounts.findUserByEmailKey('ada@example.com'))).toBeNull()
    expect(await read(store, (accounts) => accounts.countAdmins())).toBe(0)
  })

  it('enter a user once per email key, and say so', async () => {
    await using store = await open()
    const user = newUser({ emailVerifiedAt: 17 })
    expect(await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))).toBe(true)
    expect(await write(store, (accounts) => accounts.insertUser(newUser(), 'ada@example.com'))).toBe(false)
    expect(await read(store, (accounts) => accounts.findUserByEmailKey('ada@example.com'))).toEqual(user)
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toEqual(user)
  })

  it('let one of many win an email key, from two connections at once', async () => {
    await using store = await open()
    await using other = await again(store)
    expect(await winners([store, other], ({ accounts }) => accounts.insertUser(newUser(), 'ada@example.com'))).toBe(1)
  })

  it('give back absent values as null and roles as a list', async () => {
    await using store = await open()
    const user = newUser({ passwordHash: null, disabledAt: 7, roles: ['user', 'admin'] })
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toEqual(user)
  })

  it('change what is asked of one user, and of nobody else', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    await write(store, async (accounts) => {
      await accounts.setPasswordHash(ada.id, 'newer')
      await accounts.setEmailVerified(ada.id, 2000)
      await accounts.setRoles(ada.id, ['admin', 'user'])
      await accounts.setDisabled(ada.id, 3000)
    })
    const changed = { passwordHash: 'newer', emailVerifiedAt: 2000, roles: ['admin', 'user'], disabledAt: 3000 }
    expect(await read(store, (accounts) => accounts.findUser(ada.id))).toEqual({ ...ada, ...changed })
    await write(store, async (accounts) => {
      await accounts.setPasswordHash(ada.id, null)
      await accounts.setRoles(ada.id, [])
      await accounts.setDisabled(ada.id, null)
    })
    const back = { passwordHash: null, emailVerifiedAt: 2000, roles: [] }
    expect(await read(store, (accounts) => accounts.findUser(ada.id))).toEqual({ ...ada, ...back })
    expect(await read(store, (accounts) => accounts.findUser(eve.id))).toEqual(eve)
  })

  it('count the administrators that are not disabled', async () => {
    await using store = await open()
    await enterUser(store)
    await enterUser(store, { roles: ['user', 'admin'] })
    await enterUser(store, { roles: ['admin'], disabledAt: 7 })
    expect(await read(store, (accounts) => accounts.countAdmins())).toBe(1)
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

  describe('with an email address that changes', () => {
    const email = { address: 'New@example.com', key: 'new@example.com' }

    it('find the user by the new one alone', async () => {
      await using store = await open()
      const user = newUser()
      await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
      expect(await write(store, (accounts) => accounts.setEmail(user.id, email, 9))).toBe(true)
      expect(await read(store, (accounts) => accounts.findUserByEmailKey('ada@example.com'))).toBeNull()
      expect(await read(store, (accounts) => accounts.findUserByEmailKey(email.key))).toEqual({
        ...user,
        email: email.address,
        emailVerifiedAt: 9,
      })
    })

    it('let the owner write it otherwise, and nobody take one that is taken', async () => {
      await using store = await open()
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      const set = (userId: string, address: string) =>
        write(store, (accounts) => accounts.setEmail(userId, { address, key: email.key }, null))
      expect(await set(ada.id, 'new@example.com')).toBe(true)
      expect(await set(ada.id, 'NEW@example.com')).toBe(true)
      expect(await set(eve.id, 'new@example.com')).toBe(false)
      expect(await set(newId('user'), 'new@example.com')).toBe(false)
      expect(await read(store, (accounts) => accounts.findUser(eve.id))).toEqual(eve)
    })

    it('let one of many users win it, from two connections at once', async () => {
      await using store = await open()
      await using other = await again(store)
      const users = [await enterUser(store), await enterUser(store), await enterUser(store), await enterUser(store)]
      const outcomes = await Promise.all(
        users.map((user, i) =>
          write(i % 2 === 0 ? store : other, (accounts) => accounts.setEmail(user.id, email, null)),
        ),
      )
      expect(outcomes.filter(Boolean)).toHaveLength(1)
    })
  })

  describe('in pages', () => {
    const list = async (store: Store, page: Partial<UserPage> = {}) => {
      const users = await read(store, (accounts) =>
        accounts.listUsers({ search: null, before: null, limit: 100, ...page }),
      )
      return users.map(({ id }) => id)
    }

    it('list users newest first, each once', async () => {
      await using store = await open()
      const ids: string[] = []
      for (let n = 0; n < 5; n += 1) ids.unshift((await enterUser(store)).id)
      const [first, second = ''] = await list(store, { limit: 2 })
      expect([first, second]).toEqual(ids.slice(0, 2))
      expect(await list(store, { before: second, limit: 2 })).toEqual(ids.slice(2, 4))
      expect(await list(store, { before: ids[4] ?? '', limit: 2 })).toEqual([])
      expect(await list(store, { search: '', limit: 100 })).toEqual(ids)
    })

    it('list those alone whose address or name has the part, whatever its case', async () => {
      await using store = await open()
      const ada = newUser({ email: 'Ada@Example.com', displayName: 'Countess of Lovelace' })
      const oe = newUser({ email: 'oe@other.org', displayName: 'ÖZLEM Ünal' })
      await write(store, (accounts) => accounts.insertUser(ada, 'ada@example.com'))
      await write(store, (accounts) => accounts.insertUser(oe, 'oe@other.org'))
      for (const search of ['ADA@', 'example', 'love', 'COUNTESS OF', 'da@ex']) {
        expect(await list(store, { search })).toEqual([ada.id])
      }
      for (const search of ['özlem', 'ÜNAL', 'U\u0308nal', 'Other.ORG']) {
        expect(await list(store, { search })).toEqual([oe.id])
      }
      expect(await list(store, { search: 'o' })).toEqual([oe.id, ada.id])
      expect(await list(store, { search: 'o', before: oe.id })).toEqual([ada.id])
      expect(await list(store, { search: 'nobody' })).toEqual([])
    })

    it('take every sign of a search for itself', async () => {
      await using store = await open()
      const [plain, strange] = [await enterUser(store, { displayName: 'abc' }), await enterUser(store)]
      expect(await list(store, { search: 'a%c' })).toEqual([])
      expect(await list(store, { search: 'a_c' })).toEqual([])
      for (const search of ['100%_', '%', `L'ove\\l`, '\u{1F600}', '"COUNTESS"', '; DROP', '${x}']) {
        expect(await list(store, { search })).toEqual([strange.id])
      }
      expect(await list(store, { search: 'x'.repeat(100_000) })).toEqual([])
      expect(await list(store, { search: 'ABC' })).toEqual([plain.id])
    })

    it('search an address that was changed by its new form', async () => {
      await using store = await open()
      const user = await enterUser(store, { displayName: 'x' })
      await write(store, (accounts) => accounts.setEmail(user.id, { address: 'N@new.org', key: 'n@new.org' }, 1))
      expect(await list(store, { search: 'NEW.org' })).toEqual([user.id])
      expect(await list(store, { search: 'example.com' })).toEqual([])
    })
  })

  describe('with user handles', () => {
    it('give the first one for ever', async () => {
      await using store = await open()
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      const ensure = (userId: string, handle: string) =>
        write(store, (accounts) => accounts.ensureUserHandle(userId, handle))
      expect(await ensure(ada.id, 'one')).toBe('one')
      expect(await ensure(ada.id, 'two')).toBe('one')
      expect(await ensure(eve.id, 'two')).toBe('two')
    })

    it('give everybody who asks at once the same', async () => {
      await using store = await open()
      await using other = await again(store)
      const { id } = await enterUser(store)
      const handles = await Promise.all(
        [store, other, store, other].map((one) => write(one, (accounts) => accounts.ensureUserHandle(id, newSecret()))),
      )
      expect(new Set(handles).size).toBe(1)
    })

    it('never give two users the same, nor one to nobody', async () => {
      await using store = await open()
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      await write(store, (accounts) => accounts.ensureUserHandle(ada.id, 'one'))
      await expect(write(store, (accounts) => accounts.ensureUserHandle(eve.id, 'one'))).rejects.toThrow(/unique/i)
      await expect(write(store, (accounts) => accounts.ensureUserHandle(newId('user'), 'one'))).rejects.toThrow(
        'There is no user',
      )
    })
  })

  it('delete a user once, and free the address', async () => {
    await using store = await open()
    await using other = await again(store)
    const user = newUser()
    await write(store, (accounts) => accounts.insertUser(user, 'ada@example.com'))
    expect(await winners([store, other], ({ accounts }) => accounts.deleteUser(user.id))).toBe(1)
    expect(await read(store, (accounts) => accounts.findUser(user.id))).toBeNull()
    await expect(write(store, (accounts) => accounts.insertSession(newSession(user.id)))).rejects.toThrow(
      /foreign key/i,
    )
    expect(await write(store, (accounts) => accounts.insertUser(newUser(), 'ada@example.com'))).toBe(true)
  })
})
