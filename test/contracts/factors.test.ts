import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Factors } from '../../src/ports/accounts/factors.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, enterUser, strangeText, winners } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (factors: Factors) => Promise<T>) => store.write(({ factors }) => work(factors))
const findTotp = (store: Store, userId: string) => store.read(({ factors }) => factors.findTotp(userId))

const createdAt = 1_790_000_000_123

/** A user with a TOTP secret that is confirmed, its newest step 10. */
async function enrol(store: Store): Promise<string> {
  const { id: userId } = await enterUser(store)
  await write(store, async (factors) => {
    await factors.beginTotp({ userId, secretSealed: 'sealed', createdAt })
    await factors.confirmTotp(userId, createdAt, createdAt + 1, 10)
  })
  return userId
}

describe.each(Object.entries(engines))('factors in %s', (_name, { open, again }) => {
  describe('that are TOTP secrets', () => {
    it('begin as pending, the newest over an older one', async () => {
      await using store = await open()
      const { id: userId } = await enterUser(store)
      const begin = (secretSealed: string, at: number) =>
        write(store, (factors) => factors.beginTotp({ userId, secretSealed, createdAt: at }))
      expect(await findTotp(store, userId)).toBeNull()
      expect(await begin('one', createdAt)).toBe(true)
      expect(await begin(strangeText, createdAt + 1)).toBe(true)
      const pending = { userId, secretSealed: strangeText, createdAt: createdAt + 1, confirmedAt: null, lastStep: null }
      expect(await findTotp(store, userId)).toEqual(pending)
    })

    it('belong to somebody who is there', async () => {
      await using store = await open()
      const begin = write(store, (factors) =>
        factors.beginTotp({ userId: newId('user'), secretSealed: 's', createdAt }),
      )
      await expect(begin).rejects.toThrow(/foreign key/i)
    })

    it('are confirmed once, and as the one that was begun', async () => {
      await using store = await open()
      await using other = await again(store)
      const { id: userId } = await enterUser(store)
      await write(store, (factors) => factors.beginTotp({ userId, secretSealed: 'sealed', createdAt }))
      expect(await write(store, (factors) => factors.confirmTotp(userId, createdAt - 1, 9, 10))).toBe(false)
      expect(await write(store, (factors) => factors.confirmTotp(newId('user'), createdAt, 9, 10))).toBe(false)
      expect((await findTotp(store, userId))?.confirmedAt).toBeNull()
      const { id: strangerId } = await enterUser(store)
      await write(store, (factors) => factors.beginTotp({ userId: strangerId, secretSealed: 'sealed', createdAt }))
      expect(await winners([store, other], ({ factors }) => factors.confirmTotp(userId, createdAt, 9, 10))).toBe(1)
      const confirmed = { userId, secretSealed: 'sealed', createdAt, confirmedAt: 9, lastStep: 10 }
      expect(await findTotp(store, userId)).toEqual(confirmed)
      expect((await findTotp(store, strangerId))?.confirmedAt).toBeNull()
    })

    it('are not begun anew over a confirmed one', async () => {
      await using store = await open()
      const userId = await enrol(store)
      const before = await findTotp(store, userId)
      const begin = write(store, (factors) => factors.beginTotp({ userId, secretSealed: 'other', createdAt: 1 }))
      expect(await begin).toBe(false)
      expect(await findTotp(store, userId)).toEqual(before)
    })

    it('let one of many use a step, and none an older one', async () => {
      await using store = await open()
      await using other = await again(store)
      const [userId, strangerId] = [await enrol(store), await enrol(store)]
      const use = (step: number) => write(store, (factors) => factors.useTotpStep(userId, step))
      expect(await use(10)).toBe(false)
      expect(await winners([store, other], ({ factors }) => factors.useTotpStep(userId, 12))).toBe(1)
      expect(await use(11)).toBe(false)
      expect(await use(13)).toBe(true)
      expect((await findTotp(store, userId))?.lastStep).toBe(13)
      expect((await findTotp(store, strangerId))?.lastStep).toBe(10)
    })

    it('use no step while they are pending, nor when there is none', async () => {
      await using store = await open()
      const { id: userId } = await enterUser(store)
      const use = () => write(store, (factors) => factors.useTotpStep(userId, 11))
      expect(await use()).toBe(false)
      await write(store, (factors) => factors.beginTotp({ userId, secretSealed: 'sealed', createdAt }))
      expect(await use()).toBe(false)
      expect((await findTotp(store, userId))?.lastStep).toBeNull()
    })

    it('are removed once, and can then be begun anew without the steps of before', async () => {
      await using store = await open()
      await using other = await again(store)
      const [userId, strangerId] = [await enrol(store), await enrol(store)]
      expect(await winners([store, other], ({ factors }) => factors.removeTotp(userId))).toBe(1)
      expect(await findTotp(store, userId)).toBeNull()
      expect(await findTotp(store, strangerId)).not.toBeNull()
      expect(await write(store, (factors) => factors.beginTotp({ userId, secretSealed: 's', createdAt: 5 }))).toBe(true)
      expect((await findTotp(store, userId))?.lastStep).toBeNull()
    })

    it('are listed whole, and sealed anew one by one', async () => {
      await using store = await open()
      const [one, two] = [await enrol(store), await enrol(store)]
      await write(store, (factors) => factors.setTotpSecret(one, 'resealed'))
      const all = await store.read(({ factors }) => factors.listTotp())
      const sealed = new Map(all.map(({ userId, secretSealed, lastStep }) => [userId, [secretSealed, lastStep]]))
      expect(sealed).toEqual(
        new Map([
          [one, ['resealed', 10]],
          [two, ['sealed', 10]],
        ]),
      )
    })
  })

  describe('that are recovery codes', () => {
    const count = (store: Store, userId: string) => store.read(({ factors }) => factors.countRecoveryCodes(userId))

    it('replace the whole set of one user', async () => {
      await using store = await open()
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      const set = (userId: string, hashes: readonly string[]) =>
        write(store, (factors) => factors.setRecoveryCodes(userId, hashes))
      await set(eve.id, ['a', 'b'])
      await set(ada.id, ['a', 'b', strangeText])
      expect(await count(store, ada.id)).toBe(3)
      await set(ada.id, ['c'])
      expect(await count(store, ada.id)).toBe(1)
      expect(await write(store, (factors) => factors.useRecoveryCode(ada.id, 'a', 1))).toBe(false)
      await set(ada.id, [])
      expect(await count(store, ada.id)).toBe(0)
      expect(await count(store, eve.id)).toBe(2)
    })

    it('let one of many use a code up', async () => {
      await using store = await open()
      await using other = await again(store)
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      for (const { id } of [ada, eve]) await write(store, (factors) => factors.setRecoveryCodes(id, ['a', 'b']))
      expect(await winners([store, other], ({ factors }) => factors.useRecoveryCode(ada.id, 'a', 5))).toBe(1)
      expect(await write(store, (factors) => factors.useRecoveryCode(ada.id, 'a', 6))).toBe(false)
      expect(await write(store, (factors) => factors.useRecoveryCode(ada.id, 'A', 6))).toBe(false)
      expect(await count(store, ada.id)).toBe(1)
      expect(await count(store, eve.id)).toBe(2)
    })

    it('are as new when the set is replaced by the same', async () => {
      await using store = await open()
      const { id } = await enterUser(store)
      const use = () => write(store, (factors) => factors.useRecoveryCode(id, 'a', 5))
      const set = () => write(store, (factors) => factors.setRecoveryCodes(id, ['a']))
      await set()
      expect(await use()).toBe(true)
      await set()
      expect(await use()).toBe(true)
    })

    it('are removed with all that were used', async () => {
      await using store = await open()
      const [ada, eve] = [await enterUser(store), await enterUser(store)]
      for (const { id } of [ada, eve]) await write(store, (factors) => factors.setRecoveryCodes(id, ['a', 'b']))
      await write(store, (factors) => factors.removeRecoveryCodes(ada.id))
      expect(await count(store, ada.id)).toBe(0)
      expect(await write(store, (factors) => factors.useRecoveryCode(ada.id, 'a', 5))).toBe(false)
      expect(await count(store, eve.id)).toBe(2)
    })
  })
})
