import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { tokenPurposes, type OneTimeTokenRecord, type OneTimeTokens } from '../../src/ports/accounts/one-time-tokens.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (tokens: OneTimeTokens) => Promise<T>) =>
  store.write(({ oneTimeTokens }) => work(oneTimeTokens))
const find = (store: Store, id: string) => store.read(({ oneTimeTokens }) => oneTimeTokens.find(id))

function newToken(overrides: Partial<OneTimeTokenRecord> = {}): OneTimeTokenRecord {
  return {
    id: newId('oneTimeToken'),
    purpose: 'INVITE',
    secretHash: 'secret hash',
    userId: null,
    boundTo: null,
    data: JSON.stringify({ text: strangeText }),
    createdAt: 1000,
    expiresAt: 5000,
    usedAt: null,
    attempts: 0,
    ...overrides,
  }
}

async function enter(store: Store, ...tokens: readonly OneTimeTokenRecord[]): Promise<void> {
  for (const token of tokens) await write(store, (all) => all.insert(token))
}

describe.each(Object.entries(engines))('one-time tokens in %s', (_name, { open, again }) => {
  it('are kept as they were entered, for every purpose', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    const used = { usedAt: 1_790_000_000_123, attempts: 4, boundTo: 'device', userId }
    const tokens = tokenPurposes.flatMap((purpose) => [newToken({ purpose }), newToken({ purpose, ...used })])
    await enter(store, ...tokens)
    for (const token of tokens) expect(await find(store, token.id)).toEqual(token)
    expect(await find(store, newId('oneTimeToken'))).toBeNull()
    await expect(enter(store, newToken({ userId: newId('user') }))).rejects.toThrow(/foreign key/i)
  })

  it('are taken by one of many', async () => {
    await using store = await open()
    await using other = await again(store)
    const token = newToken()
    await enter(store, token)
    expect(await winners([store, other], ({ oneTimeTokens }) => oneTimeTokens.take(token.id, 2000))).toBe(1)
    expect(await find(store, token.id)).toEqual({ ...token, usedAt: 2000 })
  })

  it('are given whole to who takes them, until they expire', async () => {
    await using store = await open()
    const [token, expired] = [newToken({ attempts: 2 }), newToken()]
    await enter(store, token, expired)
    const take = (id: string, now: number) => write(store, (tokens) => tokens.take(id, now))
    expect(await take(token.id, 4999)).toEqual({ ...token, usedAt: 4999 })
    expect(await take(token.id, 4999)).toBeNull()
    expect(await take(expired.id, 5000)).toBeNull()
    expect(await take(newId('oneTimeToken'), 2000)).toBeNull()
    expect(await find(store, expired.id)).toEqual(expired)
  })

  it('count as many attempts as are allowed, however many are made at once', async () => {
    await using store = await open()
    await using other = await again(store)
    const token = newToken()
    await enter(store, token)
    const count = ({ oneTimeTokens }: { readonly oneTimeTokens: OneTimeTokens }) =>
      oneTimeTokens.countAttempt(token.id, 5, 2000)
    expect(await winners([store, other], count)).toBe(5)
    expect((await find(store, token.id))?.attempts).toBe(5)
  })

  it('count no attempt when they are used, expired or not there', async () => {
    await using store = await open()
    const [used, expired] = [newToken({ usedAt: 1500 }), newToken({ expiresAt: 2000 })]
    await enter(store, used, expired)
    for (const id of [used.id, expired.id, newId('oneTimeToken')]) {
      expect(await write(store, (tokens) => tokens.countAttempt(id, 5, 2000))).toBe(false)
    }
    for (const token of [used, expired]) expect(await find(store, token.id)).toEqual(token)
  })

  it('are made void all at once, those of one user and one purpose alone', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const reset = (userId: string | null, overrides: Partial<OneTimeTokenRecord> = {}) =>
      newToken({ purpose: 'PASSWORD_RESET', userId, ...overrides })
    const open2 = [reset(ada.id), reset(ada.id)]
    const rest = [
      reset(ada.id, { purpose: 'EMAIL_CHANGE' }),
      reset(ada.id, { usedAt: 1500 }),
      reset(eve.id),
      reset(null),
    ]
    await enter(store, ...open2, ...rest)
    await write(store, (tokens) => tokens.voidAll(ada.id, 'PASSWORD_RESET', 2000))
    for (const token of open2) {
      expect(await find(store, token.id)).toEqual({ ...token, usedAt: 2000 })
      expect(await write(store, (tokens) => tokens.take(token.id, 2001))).toBeNull()
    }
    for (const token of rest) expect(await find(store, token.id)).toEqual(token)
  })

  it('are listed while they are open and of nobody, newest first, never more than asked for', async () => {
    await using store = await open()
    const { id: userId } = await enterUser(store)
    const [older, newer, newest] = [newToken(), newToken({ createdAt: 1001 }), newToken({ createdAt: 1002 })]
    await enter(store, newer, newest, older)
    await enter(store, newToken({ usedAt: 1500 }), newToken({ expiresAt: 2000 }), newToken({ userId }))
    await enter(store, newToken({ purpose: 'OAUTH' }))
    const list = (limit: number) => store.read(({ oneTimeTokens }) => oneTimeTokens.open('INVITE', 2000, limit))
    expect(await list(100)).toEqual([newest, newer, older])
    expect(await list(2)).toEqual([newest, newer])
  })

  it('are forgotten after they expired, oldest first, never more than asked for', async () => {
    await using store = await open()
    const tokens = [3, 1, 2, 4].map((expiresAt) => newToken({ expiresAt, usedAt: expiresAt === 2 ? 1 : null }))
    await enter(store, ...tokens)
    const purge = () => write(store, (all) => all.purge(4, 2))
    const left = async () => {
      const found = await Promise.all(tokens.map(({ id }) => find(store, id)))
      return found.flatMap((token) => token?.expiresAt ?? [])
    }
    expect(await purge()).toBe(2)
    expect(await left()).toEqual([3, 4])
    expect(await purge()).toBe(1)
    expect(await purge()).toBe(0)
    expect(await left()).toEqual([4])
  })
})
