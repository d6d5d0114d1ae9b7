import { describe, expect, it } from 'vitest'
import { engines, strangeText } from './fixtures/account-engines.ts'

describe.each(Object.entries(engines))('attempt counters in %s', (_name, { open, again }) => {
  it('hold what was set last under each key', async () => {
    await using store = await open()
    const first = { failures: 1, lastAt: 1_790_000_000_123, blockedUntil: 0 }
    const second = { failures: 100, lastAt: 1_790_000_000_124, blockedUntil: 1_790_000_900_123 }
    await store.write(async ({ attempts }) => {
      await attempts.set(strangeText, first)
      await attempts.set('other', first)
      await attempts.set(strangeText, second)
    })
    expect(await store.read(({ attempts }) => attempts.find(strangeText))).toEqual(second)
    expect(await store.read(({ attempts }) => attempts.find('other'))).toEqual(first)
    expect(await store.read(({ attempts }) => attempts.find('OTHER'))).toBeNull()
  })

  it('lose no failure that is counted in a transaction, over two connections', async () => {
    await using store = await open()
    await using other = await again(store)
    const fail = (n: number) =>
      (n % 2 === 0 ? store : other).write(async ({ attempts }) => {
        const failures = (await attempts.find('key'))?.failures ?? 0
        await attempts.set('key', { failures: failures + 1, lastAt: n, blockedUntil: 0 })
      })
    await Promise.all(Array.from({ length: 40 }, (_, n) => fail(n)))
    expect((await store.read(({ attempts }) => attempts.find('key')))?.failures).toBe(40)
  })

  it('are removed one by one', async () => {
    await using store = await open()
    const count = { failures: 1, lastAt: 1000, blockedUntil: 0 }
    await store.write(async ({ attempts }) => {
      await attempts.set('one', count)
      await attempts.set('two', count)
      await attempts.remove('one')
      await attempts.remove('one')
    })
    expect(await store.read(({ attempts }) => attempts.find('one'))).toBeNull()
    expect(await store.read(({ attempts }) => attempts.find('two'))).toEqual(count)
  })

  it('are forgotten oldest first, never more than asked for', async () => {
    await using store = await open()
    for (const lastAt of [3, 1, 2, 5, 4]) {
      await store.write(({ attempts }) => attempts.set(`at ${lastAt}`, { failures: 1, lastAt, blockedUntil: 9999 }))
    }
    const purge = () => store.write(({ attempts }) => attempts.purge(4, 2))
    const left = () =>
      store.read(async ({ attempts }) => {
        const counts = [1, 2, 3, 4, 5].map(async (at) => (await attempts.find(`at ${at}`))?.lastAt)
        return (await Promise.all(counts)).filter((at) => at !== undefined)
      })
    expect(await purge()).toBe(2)
    expect(await left()).toEqual([3, 4, 5])
    expect(await purge()).toBe(1)
    expect(await left()).toEqual([4, 5])
    expect(await purge()).toBe(0)
  })
})
