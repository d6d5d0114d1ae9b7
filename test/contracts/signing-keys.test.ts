import { describe, expect, it } from 'vitest'
import { newSecret } from '../../src/core/secrets.ts'
import type { SigningKeyRecord, SigningKeys } from '../../src/ports/accounts/signing-keys.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (signingKeys: SigningKeys) => Promise<T>) =>
  store.write(({ signingKeys }) => work(signingKeys))
const list = (store: Store) => store.read(({ signingKeys }) => signingKeys.list())

function newKey(overrides: Partial<SigningKeyRecord> = {}): SigningKeyRecord {
  return {
    kid: newSecret(),
    state: 'NEXT',
    publicJwk: JSON.stringify({ kty: 'OKP', x: newSecret() }),
    privateSealed: strangeText,
    createdAt: 1000,
    retiredAt: null,
    ...overrides,
  }
}

async function enter(store: Store, ...keys: readonly SigningKeyRecord[]): Promise<void> {
  for (const key of keys) await write(store, (all) => all.insert(key))
}

describe.each(Object.entries(engines))('signing keys in %s', (_name, { open, again }) => {
  it('are kept as they were entered, oldest first', async () => {
    await using store = await open()
    expect(await list(store)).toEqual([])
    const [active, next] = [newKey({ state: 'ACTIVE' }), newKey({ createdAt: 1_790_000_000_123 })]
    const retired = newKey({ state: 'RETIRED', createdAt: 1, retiredAt: 1_790_000_000_124 })
    await enter(store, next, active, retired)
    expect(await list(store)).toEqual([retired, active, next])
    await expect(enter(store, { ...next, privateSealed: 'other' })).rejects.toThrow(/unique/i)
  })

  it('are moved on by one of many, and note when they retired', async () => {
    await using store = await open()
    await using other = await again(store)
    const [key, sibling] = [newKey(), newKey({ createdAt: 2000 })]
    await enter(store, key, sibling)
    const move = (from: SigningKeyRecord['state'], to: SigningKeyRecord['state'], at: number) =>
      winners([store, other], ({ signingKeys }) => signingKeys.setState(key.kid, from, to, at))
    expect(await move('ACTIVE', 'RETIRED', 1)).toBe(0)
    expect(await move('NEXT', 'ACTIVE', 2)).toBe(1)
    expect(await list(store)).toEqual([{ ...key, state: 'ACTIVE' }, sibling])
    expect(await move('ACTIVE', 'RETIRED', 3)).toBe(1)
    expect(await list(store)).toEqual([{ ...key, state: 'RETIRED', retiredAt: 3 }, sibling])
    expect(await write(store, (all) => all.setState('nobody', 'NEXT', 'ACTIVE', 4))).toBe(false)
  })

  it('are sealed anew and removed one by one', async () => {
    await using store = await open()
    const [one, two] = [newKey(), newKey({ createdAt: 2000 })]
    await enter(store, one, two)
    await write(store, (all) => all.reseal(one.kid, 'resealed'))
    expect(await list(store)).toEqual([{ ...one, privateSealed: 'resealed' }, two])
    await write(store, (all) => all.remove(one.kid))
    expect(await list(store)).toEqual([two])
  })
})
