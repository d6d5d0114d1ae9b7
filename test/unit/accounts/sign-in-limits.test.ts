import { describe, expect, it } from 'vitest'
import { bcryptPasswordHasher } from '../../../src/adapters/local/bcrypt-password-hasher.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { countOf, waitOf } from './codes-of.ts'
import { type AccountsUnderTest, ada, client, openAccounts, settle } from './open-accounts.ts'

const wrong = { ...ada, password: 'not the password' }
const limited = { code: 'RATE_LIMITED' }
const minute = 60_000

/** A client of another network for each number. */
const from = (number: number): ClientInfo => ({ ...client, ip: `198.51.${number}.1` })

/** The browser of the account's owner, with its device cookie, and one that somebody made up. */
const own: ClientInfo = { ...client, device: 'own'.padEnd(43, 'x') }
const foreign: ClientInfo = { ...client, device: 'foreign'.padEnd(43, 'x') }

/** Fails so often in a row, each time from another network, waiting as long as is asked for. */
async function attack({ accounts, clock }: AccountsUnderTest, failures: number): Promise<void> {
  for (let made = 0; made < failures;) {
    const seconds = await waitOf(accounts.signIn(wrong, from(made % 250), anonymous))
    if (seconds === 0) made += 1
    clock.advance(seconds * 1000)
  }
}

/** Whether the owner gets in. */
async function getsIn(accounts: Accounts, who: ClientInfo): Promise<boolean> {
  const entered = await accounts.signIn({ ...ada }, who, anonymous).catch(() => null)
  return entered?.kind === 'SIGNED_IN'
}

describe('the limits of signing in', () => {
  it('stop one network at an account after five failures, before anything is hashed', async () => {
    await using test = await openAccounts()
    await test.signUp()
    for (let i = 0; i < 5; i += 1) await test.accounts.signIn(wrong, client, anonymous).catch(() => null)
    const hashed = test.hashing.length
    const refused = test.signIn({ email: 'ADA@example.com' })
    await expect(refused).rejects.toMatchObject({ ...limited, retryAfterSeconds: 900 })
    await expect(test.accounts.signIn({ ...ada }, { ...client, ip: '192.0.2.200' }, anonymous)).rejects.toMatchObject(
      limited,
    )
    expect(test.hashing).toHaveLength(hashed)
    // Another account, and the same account from elsewhere.
    await expect(test.signIn({ email: 'eve@example.com' })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    expect(await getsIn(test.accounts, from(1))).toBe(true)
  })

  it('stop everybody at an account after ten failures from many networks, longer each time', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const waits: number[] = []
    for (let round = 0; round < 3; round += 1) {
      await attack(test, 10)
      waits.push(await waitOf(test.accounts.signIn({ ...ada }, from(251), anonymous)))
      test.clock.advance(60 * minute)
    }
    expect(waits).toEqual([900, 1800, 3600])
  })

  it('treat an account that is not there, and what is no address, as one that is', async () => {
    await using test = await openAccounts()
    for (const email of ['nobody@example.com', 'no address']) {
      const attempts = Array.from({ length: 8 }, () => test.signIn({ email }))
      const { reasons } = await settle(attempts)
      expect([countOf(reasons, 'INVALID_CREDENTIALS'), countOf(reasons, 'RATE_LIMITED')]).toEqual([5, 3])
    }
    await expect(test.signIn({ email: 'other text' })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
  })

  it('do not lock the owner out of a browser that is known, however often others fail', async () => {
    await using test = await openAccounts()
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    await attack(test, 100)
    expect(await getsIn(test.accounts, client)).toBe(false)
    expect(await getsIn(test.accounts, from(251))).toBe(false)
    // A device cookie that never signed in to the account is worth nothing, nor is one of another account.
    await test.accounts.signUp({ ...ada, email: 'eve@example.com' }, foreign, anonymous)
    expect(await getsIn(test.accounts, foreign)).toBe(false)
    expect(await getsIn(test.accounts, own)).toBe(true)
    // What the owner does does not help the attacker.
    expect(await getsIn(test.accounts, from(251))).toBe(false)
  })

  it('take nobody for known because somebody without a device cookie signed in from there before', async () => {
    await using test = await openAccounts()
    await test.signUp({ delivery: 'TOKENS' })
    await test.signIn({ delivery: 'TOKENS' })
    await attack(test, 10)
    await expect(test.signIn({ delivery: 'TOKENS' })).rejects.toMatchObject(limited)
  })

  it('let a known browser in from a network that is over its own limit', async () => {
    const signInByNetwork = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openAccounts({ limiters: { signInByNetwork } })
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    for (let i = 0; i < 9; i += 1) await test.signIn({ email: `user${i}@example.com` }).catch(() => null)
    expect(await getsIn(test.accounts, client)).toBe(false)
    expect(await getsIn(test.accounts, own)).toBe(true)
  })

  it('count the failures of a known browser as well', async () => {
    await using test = await openAccounts()
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    const { reasons } = await settle(Array.from({ length: 20 }, () => test.accounts.signIn(wrong, own, anonymous)))
    expect(countOf(reasons, 'INVALID_CREDENTIALS')).toBe(10)
    await expect(test.accounts.signIn({ ...ada }, own, anonymous)).rejects.toMatchObject({
      ...limited,
      retryAfterSeconds: 900,
    })
    // The owner's other browsers are not concerned.
    expect(await getsIn(test.accounts, from(1))).toBe(true)
  })

  it('forget a browser that was not used for a year', async () => {
    await using test = await openAccounts()
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    test.clock.advance(365 * 24 * 60 * minute)
    await attack(test, 10)
    expect(await getsIn(test.accounts, own)).toBe(false)
  })

  it('hold by network over all accounts, a whole /64 as one', async () => {
    const signInByNetwork = memoryRateLimiter({ attempts: 5, seconds: 60 })
    await using test = await openAccounts({ limiters: { signInByNetwork } })
    const attempts = Array.from({ length: 8 }, (_, i) =>
      test.accounts.signIn(
        { ...ada, email: `user${i}@example.com` },
        { ...client, ip: `2001:db8:1:2::${i}` },
        anonymous,
      ),
    )
    const { reasons } = await settle(attempts)
    expect([countOf(reasons, 'INVALID_CREDENTIALS'), countOf(reasons, 'RATE_LIMITED')]).toEqual([5, 3])
    expect(test.hashing).toHaveLength(5)
  })

  it('hold for a whole /48 as well, of sign-ins and sign-ups, and not for browsers that are known', async () => {
    const passwordByWideNetwork = memoryRateLimiter({ attempts: 5, seconds: 60 })
    const signInByNetwork = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openAccounts({ limiters: { passwordByWideNetwork, signInByNetwork } })
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    const at = (subnet: number): ClientInfo => ({ ...client, ip: `2001:db8:1:${subnet}::1` })
    const attempt = (n: number, subnet: number) =>
      test.accounts.signIn({ ...ada, email: `user${n}@example.com` }, at(subnet), anonymous)
    // What one network is refused for does not use up the others' attempts.
    const narrow = await settle(Array.from({ length: 8 }, (_, n) => attempt(n, 0)))
    expect(countOf(narrow.reasons, 'INVALID_CREDENTIALS')).toBe(2)
    const wide = await settle(Array.from({ length: 8 }, (_, n) => attempt(n, n + 1)))
    expect(countOf(wide.reasons, 'INVALID_CREDENTIALS')).toBe(3)
    await expect(test.accounts.signUp({ ...ada, email: 'x@example.com' }, at(99), anonymous)).rejects.toMatchObject(
      limited,
    )
    expect(await getsIn(test.accounts, { ...own, ip: '2001:db8:1:9::1' })).toBe(true)
    expect(await getsIn(test.accounts, { ...client, ip: '2001:db8:2::1' })).toBe(true)
  })

  it('leave a known browser its place when strangers take all of theirs at the hasher', async () => {
    await using test = await openAccounts()
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    const hasher = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4, concurrency: 0, maxWaiting: 4 })
    const refusedAt = (known: boolean) => settle(Array.from({ length: 6 }, () => hasher.verify('x', null, { known })))
    // With no place to run in, who may wait does so for ever.
    void refusedAt(false)
    const busy = await test.restart({ hasher })
    await expect(busy.signIn({ ...ada }, from(1), anonymous)).rejects.toMatchObject(limited)
    const waits = busy.signIn({ ...ada }, own, anonymous).then(
      () => 'done',
      () => 'refused',
    )
    expect(
      await Promise.race([waits, busy.signIn({ ...ada }, from(2), anonymous).catch(() => 'stranger refused')]),
    ).toBe('stranger refused')
    await expect(hasher.verify('x', null, { known: true })).rejects.toMatchObject(limited)
  })

  it('stop a known browser that signs in to one account without end', async () => {
    const signInByKnownDevice = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openAccounts({ limiters: { signInByKnownDevice } })
    await test.signUp()
    expect(await getsIn(test.accounts, own)).toBe(true)
    const { worked } = await settle(Array.from({ length: 4 }, () => test.accounts.signIn({ ...ada }, own, anonymous)))
    expect(worked).toHaveLength(2)
  })

  it('let five of a thousand attempts at once through to the hasher', async () => {
    await using test = await openAccounts()
    await test.signUp()
    test.hashing.length = 0
    const { worked } = await settle(Array.from({ length: 1000 }, () => test.accounts.signIn(wrong, client, anonymous)))
    expect(worked).toEqual([])
    expect(test.hashing).toHaveLength(5)
    await expect(test.signIn()).rejects.toMatchObject({ ...limited, retryAfterSeconds: 900 })
  })

  it('are shared by all who use one database', async () => {
    await using test = await openAccounts()
    await test.signUp()
    await using store = await sqliteStore({ path: pathOf(test.store) })
    const other = await test.restart({ store })
    const attempts = Array.from({ length: 100 }, (_, i) =>
      (i % 2 === 0 ? test.accounts : other).signIn(wrong, from(i), anonymous),
    )
    const { reasons } = await settle(attempts)
    expect(countOf(reasons, 'INVALID_CREDENTIALS')).toBe(10)
    expect(await getsIn(other, from(200))).toBe(false)
    // A start of the server does not help.
    expect(await getsIn(await test.restart(), from(201))).toBe(false)
  })

  it('do not count an attempt that nobody had the time to check', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const full = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4, concurrency: 0, maxWaiting: 0 })
    const busy = await test.restart({ hasher: full })
    for (let i = 0; i < 30; i += 1) {
      await expect(busy.signIn({ ...ada }, client, anonymous)).rejects.toMatchObject({
        ...limited,
        retryAfterSeconds: 5,
      })
    }
    expect(await getsIn(test.accounts, client)).toBe(true)
  })

  it('let nobody in unchecked while the store cannot count, and few be checked', async () => {
    await using test = await openAccounts()
    await test.signUp()
    test.hashing.length = 0
    const { accounts, repair } = await withoutCounting(test)
    const { worked, reasons } = await settle(
      Array.from({ length: 30 }, () => accounts.signIn(wrong, client, anonymous)),
    )
    expect(worked).toEqual([])
    expect(test.hashing).toHaveLength(3)
    expect(countOf(reasons, 'RATE_LIMITED')).toBe(27)
    repair()
    expect(await getsIn(accounts, client)).toBe(true)
  })
})

/** The same accounts over a store whose counters fail until they are repaired. */
async function withoutCounting(test: AccountsUnderTest) {
  let isBroken = true
  const write: Store['write'] = (work) =>
    test.store.write((records) => {
      const find: typeof records.attempts.find = (key) => {
        if (isBroken) throw new Error('disk full')
        return records.attempts.find(key)
      }
      return work({ ...records, attempts: { ...records.attempts, find } })
    })
  const accounts = await test.restart({
    store: { ...test.store, write },
    limiters: { credentialsWithoutStore: memoryRateLimiter({ attempts: 3, seconds: 900 }) },
  })
  const repair = () => {
    isBroken = false
  }
  return { accounts, repair }
}

function pathOf(store: Store): string {
  if (!('path' in store) || typeof store.path !== 'string') throw new TypeError('This store has no file.')
  return store.path
}
