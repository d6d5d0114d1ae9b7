import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { MailOutbox, WaitingMail } from '../../src/ports/accounts/mail-outbox.ts'
import type { Store } from '../../src/ports/store.ts'
import { engines, strangeText } from './fixtures/account-engines.ts'

const write = <T>(store: Store, work: (mails: MailOutbox) => Promise<T>) => store.write(({ mails }) => work(mails))
const list = (store: Store) => store.read(({ mails }) => mails.list())
const claim = (store: Store, now: number, limit = 100) => write(store, (mails) => mails.claim(now, now + 1000, limit))

function newMail(overrides: Partial<WaitingMail> = {}): WaitingMail {
  return { id: newId('mail'), sealed: strangeText, createdAt: 1000, sendAt: 1000, attempts: 0, ...overrides }
}

async function enter(store: Store, ...mails: readonly WaitingMail[]): Promise<void> {
  for (const mail of mails) await write(store, (outbox) => outbox.insert(mail))
}

describe.each(Object.entries(engines))('the mail outbox in %s', (_name, { open, again }) => {
  it('keeps mails as they were entered, oldest first', async () => {
    await using store = await open()
    const [newer, older] = [
      newMail({ createdAt: 1_790_000_000_123 }),
      newMail({ sendAt: 1_790_000_000_124, attempts: 3 }),
    ]
    await enter(store, newer, older)
    expect(await list(store)).toEqual([older, newer])
    expect(await store.read(({ mails }) => mails.count())).toBe(2)
  })

  it('loses a mail with the transaction that it tells of', async () => {
    await using store = await open()
    const failing = write(store, async (mails) => {
      await mails.insert(newMail())
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.read(({ mails }) => mails.count())).toBe(0)
  })

  it('hands out what is due, longest due first, and puts it off', async () => {
    await using store = await open()
    const [late, soon, next] = [newMail({ sendAt: 3000 }), newMail({ sendAt: 2000 }), newMail({ sendAt: 2001 })]
    await enter(store, late, soon, next)
    expect(await claim(store, 1999)).toEqual([])
    expect(await claim(store, 2001, 1)).toEqual([{ ...soon, sendAt: 3001, attempts: 1 }])
    expect(await claim(store, 2001, 1)).toEqual([{ ...next, sendAt: 3001, attempts: 1 }])
    expect(await claim(store, 2001, 1)).toEqual([])
    const again3 = await claim(store, 3001)
    expect(again3.map(({ id, attempts }) => [id, attempts])).toEqual([
      [late.id, 1],
      [soon.id, 2],
      [next.id, 2],
    ])
  })

  it('hands each mail to one of two processes', async () => {
    await using store = await open()
    await using other = await again(store)
    const mails = Array.from({ length: 30 }, () => newMail())
    await enter(store, ...mails)
    const claims = await Promise.all(Array.from({ length: 20 }, (_, n) => claim(n % 2 === 0 ? store : other, 1000, 3)))
    const ids = claims.flat().map(({ id }) => id)
    expect(ids.toSorted()).toEqual(mails.map(({ id }) => id).toSorted())
    expect(claims.every((some) => some.length <= 3)).toBe(true)
  })

  it('tries again when it is told to, and forgets what was sent', async () => {
    await using store = await open()
    const [one, two] = [newMail(), newMail()]
    await enter(store, one, two)
    await claim(store, 1000)
    await write(store, async (mails) => {
      await mails.putOff(one.id, 9000)
      await mails.remove(two.id)
      await mails.remove(two.id)
      await mails.putOff(two.id, 1)
    })
    expect(await list(store)).toEqual([{ ...one, sendAt: 9000, attempts: 1 }])
    expect(await claim(store, 8999)).toEqual([])
    expect(await claim(store, 9000)).toEqual([{ ...one, sendAt: 10_000, attempts: 2 }])
  })

  it('seals one mail anew', async () => {
    await using store = await open()
    const [one, two] = [newMail(), newMail()]
    await enter(store, one, two)
    await write(store, (mails) => mails.reseal(one.id, 'resealed'))
    expect(await list(store)).toEqual([{ ...one, sealed: 'resealed' }, two])
  })
})
