import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { scopes } from '../../src/core/principal.ts'
import type { ApiKeyRecord, ApiKeys } from '../../src/ports/accounts/api-keys.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { engines, enterUser, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (apiKeys: ApiKeys) => Promise<T>) => store.write(({ apiKeys }) => work(apiKeys))
const find = (store: Store, id: string) => store.read(({ apiKeys }) => apiKeys.find(id))

function newKey(userId: string, overrides: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: newId('apiKey'),
    userId,
    name: strangeText,
    secretHash: 'secret hash',
    lastFour: 'a1B2',
    scopes: ['jobs:read'],
    allowedIps: [],
    requestsPerMinute: 600,
    createdAt: 1000,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    successorId: null,
    ...overrides,
  }
}

async function enter(store: Store, ...keys: readonly ApiKeyRecord[]): Promise<void> {
  for (const key of keys) await write(store, (apiKeys) => apiKeys.insert(key))
}

describe.each(Object.entries(engines))('API keys in %s', (_name, { open, again }) => {
  it('are kept as they were entered', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const times = { expiresAt: 1_790_000_000_123, lastUsedAt: 1_790_000_000_124, revokedAt: 1_790_000_000_125 }
    const keys = [
      newKey(id),
      newKey(id, { ...times, successorId: newId('apiKey'), scopes: scopes.toReversed() }),
      newKey(id, { allowedIps: ['192.0.2.0/24', '2001:db8::/32'], scopes: [], name: '' }),
    ]
    await enter(store, ...keys)
    for (const key of keys) expect(await find(store, key.id)).toEqual(key)
    expect(await find(store, newId('apiKey'))).toBeNull()
  })

  it('belong to somebody who is there, and have ids of their own', async () => {
    await using store = await open()
    const key = newKey((await enterUser(store)).id)
    await enter(store, key)
    await expect(enter(store, newKey(newId('user')))).rejects.toThrow(/foreign key/i)
    await expect(enter(store, { ...key, name: 'other' })).rejects.toThrow(/unique/i)
    expect(await find(store, key.id)).toEqual(key)
  })

  it('are listed newest first, without those that are revoked or expired, or of somebody else', async () => {
    await using store = await open()
    const [user, other] = [await enterUser(store), await enterUser(store)]
    const [older, newer] = [newKey(user.id), newKey(user.id, { createdAt: 2000, expiresAt: 3001 })]
    await enter(store, older, newer, newKey(user.id, { revokedAt: 9999 }), newKey(user.id, { expiresAt: 3000 }))
    await enter(store, newKey(other.id))
    expect(await store.read(({ apiKeys }) => apiKeys.of(user.id, 3000))).toEqual([newer, older])
  })

  it('are removed a portion at a time when they were revoked or expired before', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const dead = [newKey(id, { revokedAt: 2999 }), newKey(id, { expiresAt: 2999 })]
    const both = newKey(id, { revokedAt: 2000, expiresAt: 9000 })
    const kept = [newKey(id), newKey(id, { revokedAt: 3000 }), newKey(id, { expiresAt: 3000 })]
    await enter(store, ...dead, both, ...kept)
    const purge = () => write(store, (apiKeys) => apiKeys.purge(3000, 2))
    expect([await purge(), await purge(), await purge()]).toEqual([2, 1, 0])
    for (const key of [...dead, both]) expect(await find(store, key.id)).toBeNull()
    for (const key of kept) expect(await find(store, key.id)).toEqual(key)
  })

  it('are revoked once, by their owner alone, while they are alive', async () => {
    await using store = await open()
    await using other = await again(store)
    const [user, stranger] = [await enterUser(store), await enterUser(store)]
    const [key, expired] = [newKey(user.id, { expiresAt: 5000 }), newKey(user.id, { expiresAt: 2000 })]
    await enter(store, key, expired)
    const revoke = (userId: string, id: string) => write(store, (apiKeys) => apiKeys.revoke(userId, id, 2000))
    expect(await revoke(stranger.id, key.id)).toBe(false)
    expect(await revoke(user.id, expired.id)).toBe(false)
    expect(await revoke(user.id, newId('apiKey'))).toBe(false)
    expect(await find(store, key.id)).toEqual(key)
    expect(await winners([store, other], ({ apiKeys }) => apiKeys.revoke(user.id, key.id, 2000))).toBe(1)
    expect(await write(store, (apiKeys) => apiKeys.revoke(user.id, key.id, 3000))).toBe(false)
    expect(await find(store, key.id)).toEqual({ ...key, revokedAt: 2000 })
  })

  it('are revoked all at once, and named to one of those who did', async () => {
    await using store = await open()
    await using other = await again(store)
    const [user, stranger] = [await enterUser(store), await enterUser(store)]
    const alive = [newKey(user.id), newKey(user.id, { expiresAt: 2001 })]
    const rest = [newKey(user.id, { revokedAt: 1500 }), newKey(user.id, { expiresAt: 2000 }), newKey(stranger.id)]
    await enter(store, ...alive, ...rest)
    const outcomes = await Promise.all(
      [store, other, store, other].map((one) => write(one, (apiKeys) => apiKeys.revokeAll(user.id, 2000))),
    )
    expect(outcomes.flat().toSorted()).toEqual(alive.map(({ id }) => id).toSorted())
    for (const key of rest) expect(await find(store, key.id)).toEqual(key)
  })

  it('are replaced once, and end with the overlap', async () => {
    await using store = await open()
    await using other = await again(store)
    const user = await enterUser(store)
    const key = newKey(user.id)
    await enter(store, key)
    const chosen: string[] = []
    const replace = async ({ apiKeys }: { readonly apiKeys: ApiKeys }) => {
      const successorId = newId('apiKey')
      const done = await apiKeys.replace(user.id, key.id, successorId, 4000)
      if (done) chosen.push(successorId)
      return done
    }
    expect(await winners([store, other], replace)).toBe(1)
    expect(await find(store, key.id)).toEqual({ ...key, successorId: chosen[0], expiresAt: 4000 })
  })

  it('live no longer for being replaced, and are not replaced when they are revoked or of somebody else', async () => {
    await using store = await open()
    const [user, stranger] = [await enterUser(store), await enterUser(store)]
    const [soon, late] = [newKey(user.id, { expiresAt: 3000 }), newKey(user.id, { expiresAt: 9000 })]
    const [revoked, foreign] = [newKey(user.id, { revokedAt: 1500 }), newKey(stranger.id)]
    await enter(store, soon, late, revoked, foreign)
    const replace = (id: string) => write(store, (apiKeys) => apiKeys.replace(user.id, id, 'key_next', 4000))
    expect(await Promise.all([soon, late, revoked, foreign].map(({ id }) => replace(id)))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect((await find(store, soon.id))?.expiresAt).toBe(3000)
    expect((await find(store, late.id))?.expiresAt).toBe(4000)
    for (const key of [revoked, foreign]) expect(await find(store, key.id)).toEqual(key)
  })

  it('note their last uses, many at once, forward only', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const [one, two, three] = [newKey(id), newKey(id, { lastUsedAt: 5000 }), newKey(id)]
    await enter(store, one, two, three)
    const uses = new Map([
      [one.id, 2000],
      [two.id, 4000],
      [newId('apiKey'), 3000],
    ])
    await write(store, (apiKeys) => apiKeys.touch(uses))
    const keys = await Promise.all([one, two, three].map((key) => find(store, key.id)))
    expect(keys.map((key) => key?.lastUsedAt)).toEqual([2000, 5000, null])
    await write(store, (apiKeys) => apiKeys.touch(new Map()))
  })
})

describe('an API key that was changed by another hand', () => {
  async function openWith(column: string, json: string) {
    const store = await openTestStore()
    const key = newKey((await enterUser(store)).id)
    await enter(store, key)
    const database = new DatabaseSync(store.path)
    database.prepare(`update api_keys set ${column} = ?`).run(json)
    database.close()
    return { store, key }
  }

  it('has no scopes but those that this release knows', async () => {
    const { store, key } = await openWith('scopes', '["root","jobs:write","__proto__"]')
    await using _ = store
    expect((await find(store, key.id))?.scopes).toEqual(['jobs:write'])
  })

  it.each(['{}', '[1]', 'null', '', '["192.0.2.1"'])(
    'is not found with the addresses %s: none would be all',
    async (json) => {
      const { store, key } = await openWith('allowed_ips', json)
      await using _ = store
      await expect(find(store, key.id)).rejects.toThrow(/list|JSON/)
    },
  )
})
