import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { AccountRecords, RefreshTokenRecord } from '../../src/ports/accounts/account-records.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, newSession, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (accounts: AccountRecords) => Promise<T>) =>
  store.write(({ accounts }) => work(accounts))
const find = (store: Store, id: string) => store.read(({ accounts }) => accounts.findRefreshToken(id))

function newToken(sessionId: string, overrides: Partial<RefreshTokenRecord> = {}): RefreshTokenRecord {
  return {
    id: newId('refreshToken'),
    sessionId,
    secretHash: 'secret hash',
    createdAt: 1000,
    expiresAt: 1_790_000_000_123,
    retiredAt: null,
    successorSealed: null,
    successorId: null,
    ...overrides,
  }
}

async function enterSession(store: Store): Promise<string> {
  const session = newSession((await enterUser(store)).id)
  await write(store, (accounts) => accounts.insertSession(session))
  return session.id
}

async function enter(store: Store, ...tokens: readonly RefreshTokenRecord[]): Promise<void> {
  for (const token of tokens) await write(store, (accounts) => accounts.insertRefreshToken(token))
}

describe.each(Object.entries(engines))('refresh token records in %s', (_name, { open, again }) => {
  it('keep a token as it was entered', async () => {
    await using store = await open()
    const sessionId = await enterSession(store)
    const retired = { retiredAt: 2000, successorSealed: strangeText, successorId: newId('refreshToken') }
    const tokens = [newToken(sessionId), newToken(sessionId, retired)]
    await enter(store, ...tokens)
    for (const token of tokens) expect(await find(store, token.id)).toEqual(token)
    expect(await find(store, newId('refreshToken'))).toBeNull()
  })

  it('enter no token of a session that is not there', async () => {
    await using store = await open()
    await expect(enter(store, newToken(newId('session')))).rejects.toThrow(/foreign key/i)
  })

  it('let one of many retire a token, and keep its successor', async () => {
    await using store = await open()
    await using other = await again(store)
    const token = newToken(await enterSession(store))
    await enter(store, token)
    const chosen: string[] = []
    const retire = async ({ accounts }: { readonly accounts: AccountRecords }) => {
      const successorId = newId('refreshToken')
      const done = await accounts.retireRefreshToken(token.id, { retiredAt: 2000, successorId, successorSealed: 'box' })
      if (done) chosen.push(successorId)
      return done
    }
    expect(await winners([store, other], retire)).toBe(1)
    const [successorId = ''] = chosen
    expect(await find(store, token.id)).toEqual({ ...token, retiredAt: 2000, successorId, successorSealed: 'box' })
  })

  it('retire no token that is not there', async () => {
    await using store = await open()
    const change = { retiredAt: 2000, successorId: newId('refreshToken'), successorSealed: 'box' }
    expect(await write(store, (accounts) => accounts.retireRefreshToken(newId('refreshToken'), change))).toBe(false)
  })

  it('retire all of one session that are not retired yet, without a successor', async () => {
    await using store = await open()
    const [sessionId, otherId] = [await enterSession(store), await enterSession(store)]
    const [one, two, foreign] = [newToken(sessionId), newToken(sessionId), newToken(otherId)]
    const retired = newToken(sessionId, { retiredAt: 1500, successorSealed: 'box', successorId: one.id })
    await enter(store, one, two, foreign, retired)
    await write(store, (accounts) => accounts.retireRefreshTokensOf(sessionId, 2000))
    for (const token of [one, two]) expect(await find(store, token.id)).toEqual({ ...token, retiredAt: 2000 })
    for (const token of [foreign, retired]) expect(await find(store, token.id)).toEqual(token)
    const change = { retiredAt: 2000, successorId: two.id, successorSealed: 'box' }
    expect(await write(store, (accounts) => accounts.retireRefreshToken(one.id, change))).toBe(false)
  })

  it('forget the sealed successors of those that were retired long ago, and nothing else of them', async () => {
    await using store = await open()
    const sessionId = await enterSession(store)
    const successor = { successorSealed: 'box', successorId: newId('refreshToken') }
    const old = newToken(sessionId, { ...successor, retiredAt: 1999 })
    const rest = [newToken(sessionId, { ...successor, retiredAt: 2000 }), newToken(sessionId)]
    await enter(store, old, ...rest)
    await write(store, (accounts) => accounts.forgetSuccessors(2000))
    expect(await find(store, old.id)).toEqual({ ...old, successorSealed: null })
    for (const token of rest) expect(await find(store, token.id)).toEqual(token)
  })
})
