import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { sha256 } from '../../../src/core/secrets.ts'
import type { Store } from '../../../src/ports/store.ts'
import { createCredentialFailures } from '../../../src/services/accounts/limits/credential-failures.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { waitOf } from './codes-of.ts'
import { settle } from './open-accounts.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

async function openFailures() {
  const store = await openTestStore()
  const clock = fakeClock()
  const on = (counting: Store) =>
    createCredentialFailures({
      store: counting,
      clock,
      logger: collectingLogger(),
      withoutStore: memoryRateLimiter({ attempts: 3, seconds: 900 }),
    })
  return { store, clock, on, failures: on(store), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

describe('failed credentials', () => {
  it('wait after each ten, twice as long each time, up to a day', async () => {
    await using test = await openFailures()
    const waits: number[] = []
    for (let attempt = 1; attempt < 100; attempt += 1) {
      await test.failures.begin('key')
      const seconds = await waitOf(test.failures.begin('key'))
      if (seconds > 0) waits.push(seconds)
      else await test.failures.withdraw('key')
      test.clock.advance(seconds * 1000)
    }
    const hours = waits.map((seconds) => seconds / 3600)
    expect(hours).toEqual([0.25, 0.5, 1, 2, 4, 8, 16, 24, 24])
  })

  it('are never more than a hundred in a row', async () => {
    await using test = await openFailures()
    let begun = 0
    for (let passed = 0; passed < 20 * day; passed += hour) {
      while ((await waitOf(test.failures.begin('key'))) === 0) begun += 1
      test.clock.advance(hour)
    }
    expect(begun).toBe(100)
    expect(await waitOf(test.failures.begin('key'))).toBeGreaterThan(3600)
  })

  it('say how long to wait, in seconds', async () => {
    await using test = await openFailures()
    for (let i = 0; i < 10; i += 1) await test.failures.begin('key')
    test.clock.advance(minute + 1)
    await expect(test.failures.begin('key')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many attempts. Try again in 840 seconds.',
      retryAfterSeconds: 840,
    })
    test.clock.advance(14 * minute - 1)
    await test.failures.begin('key')
  })

  it('are forgotten after a success', async () => {
    await using test = await openFailures()
    for (let i = 0; i < 9; i += 1) await test.failures.begin('key')
    await test.store.write((records) => test.failures.succeed(records, 'key'))
    for (let i = 0; i < 10; i += 1) await test.failures.begin('key')
    expect(await waitOf(test.failures.begin('key'))).toBe(900)
  })

  it('count for every key, and for none while one of them waits', async () => {
    await using test = await openFailures()
    const narrow = { key: 'narrow', failuresPerWait: 3 }
    const { worked, reasons } = await settle(Array.from({ length: 50 }, () => test.failures.begin(narrow, 'wide')))
    expect([worked.length, reasons.length]).toEqual([3, 47])
    for (let i = 0; i < 7; i += 1) await test.failures.begin('wide')
    expect(await waitOf(test.failures.begin('wide'))).toBe(900)
  })

  it('let exactly as many of a thousand at once begin, over two connections to one database', async () => {
    await using test = await openFailures()
    await using other = await sqliteStore({ path: test.store.path })
    const [here, there] = [test.failures, test.on(other)]
    const { worked, reasons } = await settle(
      Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? here : there).begin('key')),
    )
    expect(worked).toHaveLength(10)
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 900 })
  })

  it('are taken back one by one when nothing was checked', async () => {
    await using test = await openFailures()
    for (let i = 0; i < 100; i += 1) {
      await test.failures.begin('key')
      await test.failures.withdraw('key')
    }
    for (let i = 0; i < 10; i += 1) await test.failures.begin('key')
    expect(await waitOf(test.failures.begin('key'))).toBe(900)
    // The wait ends with the failure that brought it, and no sooner comes the next one.
    await test.failures.withdraw('key')
    await test.failures.begin('key')
    expect(await waitOf(test.failures.begin('key'))).toBe(900)
    await test.failures.withdraw('never begun')
  })

  it('are stored under names that tell nothing', async () => {
    await using test = await openFailures()
    const key = `ada@example.com ${'x'.repeat(10_000)}`
    await test.failures.begin(key)
    expect(await test.store.read(({ attempts }) => attempts.find(key))).toBeNull()
    expect(await test.store.read(({ attempts }) => attempts.find(sha256(key)))).toMatchObject({ failures: 1 })
  })

  it('are counted in memory, with few attempts, while the store cannot', async () => {
    await using test = await openFailures()
    const logger = collectingLogger()
    const broken: Store = { ...test.store, write: () => Promise.reject(new Error('disk full')) }
    const withoutStore = memoryRateLimiter({ attempts: 3, seconds: 900 })
    const failures = createCredentialFailures({ store: broken, clock: test.clock, logger, withoutStore })
    const { worked, reasons } = await settle(Array.from({ length: 20 }, () => failures.begin('key')))
    expect(worked).toHaveLength(3)
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 900 })
    await failures.begin('another key')
    expect(logger.lines).toHaveLength(21)
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { err: { message: 'disk full' } } })
  })
})
