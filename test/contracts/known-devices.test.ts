import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser } from './fixtures/account-engines.ts'

const note = (store: Store, userId: string, device: string, at: number) =>
  store.write(({ devices }) => devices.note(userId, device, at))
const has = (store: Store, userId: string, device: string, since = 0) =>
  store.read(({ devices }) => devices.has(userId, device, since))

describe.each(Object.entries(engines))('known devices in %s', (_name, { open, again }) => {
  it('are known to the accounts that they have signed in to', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    await note(store, ada.id, 'one', 1000)
    expect(await has(store, ada.id, 'one')).toBe(true)
    expect(await has(store, ada.id, 'two')).toBe(false)
    expect(await has(store, eve.id, 'one')).toBe(false)
    await expect(note(store, newId('user'), 'one', 1000)).rejects.toThrow(/foreign key/i)
  })

  it('are listed by account', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    for (const device of ['one', 'two']) await note(store, ada.id, device, 1000)
    const of = (userId: string) => store.read(({ devices }) => devices.of(userId))
    expect((await of(ada.id)).toSorted()).toEqual(['one', 'two'])
    expect(await of(eve.id)).toEqual([])
  })

  it('are known by their last use, which moves forward only', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    for (const at of [1_790_000_000_000, 1_790_000_002_000, 1_790_000_001_000]) await note(store, id, 'one', at)
    expect(await has(store, id, 'one', 1_790_000_001_999)).toBe(true)
    expect(await has(store, id, 'one', 1_790_000_002_000)).toBe(false)
  })

  it('are twenty per user: the one whose use is longest ago goes', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    await note(store, eve.id, 'longest ago', 1)
    for (let n = 0; n < 15; n += 1) await note(store, eve.id, `newer ${n}`, 5000)
    for (let n = 0; n < 20; n += 1) await note(store, ada.id, `device ${n}`, 1000 + n)
    await note(store, ada.id, 'device 0', 2000)
    await note(store, ada.id, 'device 20', 2001)
    const known: number[] = []
    for (let n = 0; n <= 20; n += 1) if (await has(store, ada.id, `device ${n}`)) known.push(n)
    expect(known).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(await has(store, eve.id, 'longest ago')).toBe(true)
  })

  it('are twenty however many come at once', async () => {
    await using store = await open()
    await using other = await again(store)
    const { id } = await enterUser(store)
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => note(n % 2 === 0 ? store : other, id, `device ${n}`, 1000 + n)),
    )
    const known = await Promise.all(Array.from({ length: 60 }, (_, n) => has(store, id, `device ${n}`)))
    expect(known.filter(Boolean)).toHaveLength(20)
  })

  it('are forgotten all at once, those of one user alone', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    for (const { id } of [ada, eve]) for (const device of ['one', 'two']) await note(store, id, device, 1000)
    await store.write(({ devices }) => devices.removeAll(ada.id))
    expect(await has(store, ada.id, 'one')).toBe(false)
    expect(await has(store, ada.id, 'two')).toBe(false)
    expect(await has(store, eve.id, 'one')).toBe(true)
  })
})
