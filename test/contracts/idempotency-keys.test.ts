import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { KeyUse } from '../../src/ports/idempotency-keys.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, strangeText } from './fixtures/account-engines.ts'

const soon = 1_790_000_000_000

const claim = (store: Store, use: KeyUse, { inputHash = 'h', expiresAt = soon, now = soon - 1 } = {}) =>
  store.write(({ idempotencyKeys }) => idempotencyKeys.claim({ ...use, inputHash, expiresAt }, now))
const complete = (store: Store, use: KeyUse, result: string) =>
  store.write(({ idempotencyKeys }) => idempotencyKeys.complete(use, result))
const purge = (store: Store, now: number, limit = 10) =>
  store.write(({ idempotencyKeys }) => idempotencyKeys.purge(now, limit))

describe.each(Object.entries(engines))('idempotency keys in %s', (_name, { open, again }) => {
  it('are taken once, and tell later what came of it', async () => {
    await using store = await open()
    const use = { userId: (await enterUser(store)).id, topic: strangeText, key: strangeText }
    expect(await claim(store, use, { inputHash: 'first' })).toBeNull()
    await complete(store, use, strangeText)
    expect(await claim(store, use, { inputHash: 'second' })).toEqual({ inputHash: 'first', result: strangeText })
  })

  it('are of one user and one topic', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const use = { userId: ada.id, topic: 'one', key: 'k' }
    expect(await claim(store, use)).toBeNull()
    await complete(store, use, 'first')
    for (const other of [
      { ...use, userId: eve.id },
      { ...use, topic: 'two' },
      { ...use, key: 'K' },
    ]) {
      expect(await claim(store, other)).toBeNull()
      await complete(store, other, 'other')
    }
    expect(await claim(store, use)).toMatchObject({ result: 'first' })
    await expect(claim(store, { ...use, userId: newId('user') })).rejects.toThrow(/foreign key/i)
  })

  it('can be taken anew when they have expired, and not a moment before', async () => {
    await using store = await open()
    const use = { userId: (await enterUser(store)).id, topic: 't', key: 'k' }
    await claim(store, use, { inputHash: 'first' })
    await complete(store, use, 'first')
    expect(await claim(store, use, { inputHash: 'second', now: soon - 1 })).toMatchObject({ inputHash: 'first' })
    const later = { inputHash: 'second', now: soon, expiresAt: soon + 10 }
    expect(await claim(store, use, later)).toBeNull()
    expect(await claim(store, use, later)).toEqual({ inputHash: 'second', result: '' })
  })

  it('are one’s who comes first, of many at once', async () => {
    await using store = await open()
    await using other = await again(store)
    const use = { userId: (await enterUser(store)).id, topic: 't', key: 'k' }
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? store : other).write(async ({ idempotencyKeys }) => {
          const earlier = await idempotencyKeys.claim({ ...use, inputHash: 'h', expiresAt: soon }, 1)
          if (earlier === null) await idempotencyKeys.complete(use, `by ${n}`)
          return earlier
        }),
      ),
    )
    expect(answers.filter((earlier) => earlier === null)).toHaveLength(1)
    const results = new Set(answers.flatMap((earlier) => earlier?.result ?? []))
    expect([...results]).toEqual([expect.stringMatching(/^by \d+$/)])
  })

  it('are forgotten when they have expired, so many at a time', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    for (let n = 0; n < 5; n += 1) {
      await claim(store, { userId, topic: 't', key: `k${n}` }, { expiresAt: soon + n })
    }
    expect(await purge(store, soon - 1)).toBe(0)
    expect(await purge(store, soon + 3, 3)).toBe(3)
    expect(await purge(store, soon + 3, 3)).toBe(1)
    const last = { userId, topic: 't', key: 'k4' }
    expect(await claim(store, last, { now: soon + 3 })).not.toBeNull()
  })
})
