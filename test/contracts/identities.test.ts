import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Identities, IdentityRecord } from '../../src/ports/accounts/identities.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (identities: Identities) => Promise<T>) =>
  store.write(({ identities }) => work(identities))
const of = (store: Store, userId: string) => store.read(({ identities }) => identities.of(userId))

function newIdentity(userId: string, overrides: Partial<IdentityRecord> = {}): IdentityRecord {
  return {
    id: newId('identity'),
    userId,
    provider: 'github',
    subject: '583231',
    email: 'ada@example.com',
    createdAt: 1_790_000_000_123,
    lastUsedAt: null,
    ...overrides,
  }
}

describe.each(Object.entries(engines))('identities in %s', (_name, { open, again }) => {
  it('are found by provider and subject, exactly as they were entered', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const one = newIdentity(id, { subject: strangeText, lastUsedAt: 1_790_000_000_124 })
    const two = newIdentity(id, { provider: 'other', subject: strangeText, email: null })
    for (const identity of [one, two]) expect(await write(store, (all) => all.insert(identity))).toBe(true)
    const find = (provider: string, subject: string) =>
      store.read(({ identities }) => identities.find(provider, subject))
    expect(await find('github', strangeText)).toEqual(one)
    expect(await find('other', strangeText)).toEqual(two)
    expect(await find('github', strangeText.toUpperCase())).toBeNull()
    expect(await find('third', strangeText)).toBeNull()
  })

  it('belong to somebody who is there', async () => {
    await using store = await open()
    await expect(write(store, (all) => all.insert(newIdentity(newId('user'))))).rejects.toThrow(/foreign key/i)
  })

  it('are linked to one of many users who ask at once', async () => {
    await using store = await open()
    await using other = await again(store)
    const users = [await enterUser(store), await enterUser(store), await enterUser(store), await enterUser(store)]
    const outcomes = await Promise.all(
      users.map(({ id }, i) => write(i % 2 === 0 ? store : other, (all) => all.insert(newIdentity(id)))),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    const winner = users.find((_, i) => outcomes[i])?.id ?? ''
    expect(await winners([store, other], ({ identities }) => identities.insert(newIdentity(winner)))).toBe(0)
    expect(await of(store, winner)).toHaveLength(1)
  })

  it('are listed oldest first, those of one user alone', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const newer = newIdentity(ada.id, { subject: '1', createdAt: 2000 })
    const older = newIdentity(ada.id, { subject: '2', createdAt: 1000 })
    const foreign = newIdentity(eve.id, { subject: '3' })
    for (const identity of [newer, older, foreign]) await write(store, (all) => all.insert(identity))
    expect(await of(store, ada.id)).toEqual([older, newer])
    expect(await of(store, newId('user'))).toEqual([])
  })

  it('note their last use, forward only', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    const [one, two] = [newIdentity(userId), newIdentity(userId, { subject: '2' })]
    for (const identity of [one, two]) await write(store, (all) => all.insert(identity))
    for (const at of [3000, 2000]) await write(store, (all) => all.touch(one.id, at))
    expect((await of(store, userId)).map(({ lastUsedAt }) => lastUsedAt)).toEqual([3000, null])
  })

  it('are removed once, by their owner alone, and can be linked again', async () => {
    await using store = await open()
    await using other = await again(store)
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const [identity, sibling] = [newIdentity(ada.id), newIdentity(ada.id, { subject: '2' })]
    for (const one of [identity, sibling]) await write(store, (all) => all.insert(one))
    expect(await write(store, (all) => all.remove(eve.id, identity.id))).toBe(false)
    expect(await winners([store, other], ({ identities }) => identities.remove(ada.id, identity.id))).toBe(1)
    expect(await of(store, ada.id)).toEqual([sibling])
    expect(await write(store, (all) => all.insert(newIdentity(eve.id)))).toBe(true)
  })
})
