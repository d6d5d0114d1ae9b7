import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Notice } from '../../src/ports/notices.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, strangeText, winners } from './fixtures/account-engines.ts'

const now = 1_790_000_000_000

async function enter(store: Store, overrides: Partial<Notice> = {}): Promise<Notice> {
  const notice: Notice = {
    id: newId('notice'),
    text: strangeText,
    severity: 'WARNING',
    publishedAt: now,
    until: now + 1000,
    ...overrides,
  }
  await store.write(({ notices }) => notices.insert(notice))
  return notice
}

const inForce = (store: Store, at = now, limit = 10) => store.read(({ notices }) => notices.inForce(at, limit))
const withdraw = (store: Store, id: string, at = now) => store.write(({ notices }) => notices.withdraw(id, at))

describe.each(Object.entries(engines))('notices in %s', (_name, { open, again }) => {
  it('come back as they were entered, newest first, as many as are asked for', async () => {
    await using store = await open()
    const entered = [await enter(store), await enter(store, { severity: 'CRITICAL' }), await enter(store)]
    expect(await inForce(store)).toEqual(entered.toReversed())
    expect(await inForce(store, now, 2)).toEqual(entered.toReversed().slice(0, 2))
  })

  it('are in force until their time has come', async () => {
    await using store = await open()
    const notice = await enter(store)
    expect(await inForce(store, now + 999)).toEqual([notice])
    expect(await inForce(store, now + 1000)).toEqual([])
  })

  it('are withdrawn once, while they are in force', async () => {
    await using store = await open()
    await using other = await again(store)
    const [notice, over] = [await enter(store), await enter(store, { until: now })]
    expect(await withdraw(store, over.id)).toBe(false)
    expect(await withdraw(store, newId('notice'))).toBe(false)
    expect(await winners([store, other], ({ notices }) => notices.withdraw(notice.id, now))).toBe(1)
    expect(await inForce(store)).toEqual([])
  })

  it('are forgotten once they are out of force, so many at a time', async () => {
    await using store = await open()
    const stays = await enter(store)
    for (let n = 0; n < 3; n += 1) await enter(store, { until: now - n })
    const purge = (limit: number) => store.write(({ notices }) => notices.purge(now, limit))
    expect(await purge(2)).toBe(2)
    expect(await purge(2)).toBe(1)
    expect(await inForce(store)).toEqual([stays])
  })
})
