import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { newSecret } from '../../src/core/secrets.ts'
import type { PasskeyRecord, PasskeyRecords } from '../../src/ports/accounts/passkeys.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (passkeys: PasskeyRecords) => Promise<T>) =>
  store.write(({ passkeys }) => work(passkeys))
const find = (store: Store, { credentialId }: PasskeyRecord) =>
  store.read(({ passkeys }) => passkeys.findByCredentialId(credentialId))
const of = (store: Store, userId: string) => store.read(({ passkeys }) => passkeys.of(userId))

function newPasskey(userId: string, overrides: Partial<PasskeyRecord> = {}): PasskeyRecord {
  return {
    id: newId('passkey'),
    userId,
    credentialId: newSecret(),
    publicKey: newSecret(77),
    counter: 0,
    transports: ['internal', 'hybrid'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    name: strangeText,
    backupEligible: true,
    backedUp: false,
    createdAt: 1000,
    lastUsedAt: null,
    flaggedAt: null,
    ...overrides,
  }
}

async function enter(store: Store, ...passkeys: readonly PasskeyRecord[]): Promise<void> {
  for (const passkey of passkeys) await write(store, (all) => all.insert(passkey))
}

describe.each(Object.entries(engines))('passkeys in %s', (_name, { open, again }) => {
  it('are found by credential id, exactly as they were entered', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const passkeys = [
      newPasskey(id, { counter: 2 ** 32 - 1, transports: [], lastUsedAt: 1_790_000_000_123 }),
      newPasskey(id, { backupEligible: false, backedUp: true, flaggedAt: 1_790_000_000_124 }),
      newPasskey(id, { credentialId: 'AbC' }),
    ]
    await enter(store, ...passkeys)
    for (const passkey of passkeys) expect(await find(store, passkey)).toEqual(passkey)
    expect(await find(store, newPasskey(id, { credentialId: 'abc' }))).toBeNull()
    await expect(enter(store, newPasskey(newId('user')))).rejects.toThrow(/foreign key/i)
  })

  it('let one of many enter a credential id, whoever asks', async () => {
    await using store = await open()
    await using other = await again(store)
    const users = [await enterUser(store), await enterUser(store), await enterUser(store), await enterUser(store)]
    const outcomes = await Promise.all(
      users.map(({ id }, i) =>
        write(i % 2 === 0 ? store : other, (all) => all.insert(newPasskey(id, { credentialId: 'one' }))),
      ),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect((await Promise.all(users.map(({ id }) => of(store, id)))).flat()).toHaveLength(1)
  })

  it('are found by the handle of their user', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    await store.write(({ accounts }) => accounts.ensureUserHandle(ada.id, 'Ada'))
    await store.write(({ accounts }) => accounts.ensureUserHandle(eve.id, 'ada'))
    const userOf = (handle: string) => store.read(({ passkeys }) => passkeys.userOfHandle(handle))
    expect(await userOf('Ada')).toBe(ada.id)
    expect(await userOf('ada')).toBe(eve.id)
    expect(await userOf('')).toBeNull()
  })

  it('are listed oldest first, those of one user alone', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const [newer, older] = [newPasskey(ada.id, { createdAt: 2000 }), newPasskey(ada.id)]
    await enter(store, newer, older, newPasskey(eve.id))
    expect(await of(store, ada.id)).toEqual([older, newer])
    expect(await of(store, newId('user'))).toEqual([])
  })

  it('are used by one of many at one count', async () => {
    await using store = await open()
    await using other = await again(store)
    const { id } = await enterUser(store)
    const [passkey, sibling] = [newPasskey(id, { counter: 7 }), newPasskey(id, { counter: 7 })]
    await enter(store, passkey, sibling)
    const change = { counter: 8, backedUp: true, lastUsedAt: 2000 }
    expect(await winners([store, other], ({ passkeys }) => passkeys.use(passkey.id, 7, change))).toBe(1)
    expect(await find(store, passkey)).toEqual({ ...passkey, ...change })
    expect(await find(store, sibling)).toEqual(sibling)
    expect(await write(store, (all) => all.use(newId('passkey'), 7, change))).toBe(false)
  })

  it('that do not count are used again and again', async () => {
    await using store = await open()
    const passkey = newPasskey((await enterUser(store)).id, { backedUp: true })
    await enter(store, passkey)
    for (const lastUsedAt of [2000, 3000]) {
      const change = { counter: 0, backedUp: false, lastUsedAt }
      expect(await write(store, (all) => all.use(passkey.id, 0, change))).toBe(true)
    }
    expect(await find(store, passkey)).toEqual({ ...passkey, backedUp: false, lastUsedAt: 3000 })
  })

  it('are not used any more once they are flagged, and keep when that was', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const [passkey, sibling] = [newPasskey(id), newPasskey(id)]
    await enter(store, passkey, sibling)
    for (const at of [2000, 3000]) await write(store, (all) => all.flag(passkey.id, at))
    const change = { counter: 1, backedUp: true, lastUsedAt: 4000 }
    expect(await write(store, (all) => all.use(passkey.id, 0, change))).toBe(false)
    expect(await find(store, passkey)).toEqual({ ...passkey, flaggedAt: 2000 })
    expect(await find(store, sibling)).toEqual(sibling)
  })

  it('are renamed and removed by their owner alone', async () => {
    await using store = await open()
    await using other = await again(store)
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const [passkey, sibling] = [newPasskey(ada.id), newPasskey(ada.id)]
    await enter(store, passkey, sibling)
    expect(await write(store, (all) => all.rename(eve.id, passkey.id, 'mine'))).toBe(false)
    expect(await write(store, (all) => all.remove(eve.id, passkey.id))).toBe(false)
    expect(await write(store, (all) => all.rename(ada.id, passkey.id, strangeText.repeat(2)))).toBe(true)
    expect(await of(store, ada.id)).toEqual([{ ...passkey, name: strangeText.repeat(2) }, sibling])
    expect(await winners([store, other], ({ passkeys }) => passkeys.remove(ada.id, passkey.id))).toBe(1)
    expect(await of(store, ada.id)).toEqual([sibling])
  })

  it('are removed all at once, those of one user alone', async () => {
    await using store = await open()
    const [ada, eve] = [await enterUser(store), await enterUser(store)]
    const foreign = newPasskey(eve.id)
    await enter(store, newPasskey(ada.id), newPasskey(ada.id), foreign)
    await write(store, (all) => all.removeAll(ada.id))
    expect(await of(store, ada.id)).toEqual([])
    expect(await of(store, eve.id)).toEqual([foreign])
  })
})
