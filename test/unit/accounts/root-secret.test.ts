import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { createSealer, SealError } from '../../../src/core/sealer.ts'
import type { Store } from '../../../src/ports/store.ts'
import { totpContext } from '../../../src/services/accounts/factors/totp-secret.ts'
import { openSigningKeys } from '../../../src/services/accounts/keys/signing-keys.ts'
import { type ResealProgress, resealSecrets } from '../../../src/services/accounts/keys/reseal-secrets.ts'
import { storedSecret, storedSecretNames } from '../../../src/services/accounts/keys/stored-secret.ts'
import { createMailQueue, mailContext } from '../../../src/services/accounts/mail/queue-mail.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { enterUser } from '../../contracts/fixtures/account-engines.ts'

const [old, today, strange] = ['o'.repeat(32), 't'.repeat(32), 'x'.repeat(32)]
const before = createSealer([old])
const both = createSealer([today, old])
const after = createSealer([today])
const clock = fakeClock()

describe('a secret of the installation', () => {
  it('is random, of 32 bytes, the same at every start, and another one for each name', async () => {
    await using store = await openTestStore()
    const secrets: Buffer[] = []
    for (const name of storedSecretNames) {
      const secret = await storedSecret({ store, sealer: before }, name)
      expect(secret).toHaveLength(32)
      expect(await storedSecret({ store, sealer: before }, name, Buffer.alloc(32, 1))).toEqual(secret)
      secrets.push(secret)
    }
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(storedSecretNames.length)
  })

  it('is made once when several processes start at once', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const made = await Promise.all(
      [store, other, store, other].map((one) => storedSecret({ store: one, sealer: before }, 'passwordPepper')),
    )
    expect(new Set(made.map((secret) => secret.toString('hex'))).size).toBe(1)
  })

  it('is what it was before it was stored where there are users already, and random where there are none', async () => {
    const derived = Buffer.alloc(32, 5)
    await using empty = await openTestStore()
    expect(await storedSecret({ store: empty, sealer: before }, 'passwordPepper', derived)).not.toEqual(derived)
    await using used = await openTestStore()
    await enterUser(used)
    expect(await storedSecret({ store: used, sealer: before }, 'passwordPepper', derived)).toEqual(derived)
    // Only now does the root secret change: it stays.
    expect(await storedSecret({ store: used, sealer: both }, 'passwordPepper', Buffer.alloc(32, 6))).toEqual(derived)
  })

  it('is not opened with a wrong root secret, which is told in a sentence', async () => {
    await using store = await openTestStore()
    await storedSecret({ store, sealer: before }, 'passwordPepper')
    const sealer = createSealer([strange])
    await expect(storedSecret({ store, sealer }, 'passwordPepper')).rejects.toMatchObject({
      code: 'ROOT_SECRET_WRONG',
      message: expect.stringContaining('MILLRACE_SECRET_PREVIOUS'),
    })
  })

  it('is not opened in the place of another', async () => {
    await using store = await openTestStore()
    await storedSecret({ store, sealer: before }, 'passwordPepper')
    await store.write(async ({ settings }) => {
      await settings.set('secret:recoveryCodes', await settings.get('secret:passwordPepper'))
    })
    await expect(storedSecret({ store, sealer: before }, 'recoveryCodes')).rejects.toMatchObject({
      code: 'ROOT_SECRET_WRONG',
    })
  })
})

/** A store with everything in it that is sealed; `users` with an authenticator app each. */
async function fill(store: Store, users: number): Promise<void> {
  for (const name of storedSecretNames) await storedSecret({ store, sealer: before }, name)
  await openSigningKeys({ store, sealer: before, clock, algorithm: 'EdDSA' })
  const { mail } = createMailQueue({ sealer: before, clock, logger: collectingLogger() })
  await store.write((records) => mail(records, 'ada@example.com', { kind: 'PASSWORD_CHANGED' }))
  for (let count = 0; count < users; count += 1) {
    const { id } = await enterUser(store)
    const secretSealed = before.seal(`secret of ${id}`, totpContext(id))
    await store.write(({ factors }) => factors.beginTotp({ userId: id, secretSealed, createdAt: 1 }))
  }
}

describe('sealing everything anew', () => {
  it('makes the older root secret superfluous', async () => {
    await using store = await openTestStore()
    await fill(store, 250)
    const pepper = await storedSecret({ store, sealer: before }, 'passwordPepper')
    const progress: ResealProgress[] = []
    expect(await resealSecrets({ store, sealer: both }, (step) => progress.push(step))).toBe(2 + 2 + 1 + 250)

    expect(await storedSecret({ store, sealer: after }, 'passwordPepper')).toEqual(pepper)
    const ring = await openSigningKeys({ store, sealer: after, clock, algorithm: 'EdDSA' })
    await ring.rotate({ guard: async () => undefined, note: async () => undefined })
    const secrets = await store.read(({ factors }) => factors.listTotp())
    for (const { userId, secretSealed } of secrets) {
      expect(after.open(secretSealed, totpContext(userId))).toBe(`secret of ${userId}`)
    }
    const [mail] = await store.read(({ mails }) => mails.list())
    expect(after.open(mail?.sealed ?? '', mailContext(mail?.id ?? ''))).toContain('ada@example.com')
    expect(
      progress.filter(({ kind }) => kind.includes('authenticator')).map(({ done, total }) => [done, total]),
    ).toEqual([
      [100, 250],
      [200, 250],
      [250, 250],
    ])
  })

  it('can be done again, and then has nothing to do', async () => {
    await using store = await openTestStore()
    await fill(store, 3)
    await resealSecrets({ store, sealer: both })
    const sealed = () => store.read(async ({ factors }) => (await factors.listTotp()).map((row) => row.secretSealed))
    const first = await sealed()
    expect(await resealSecrets({ store, sealer: both })).toBe(0)
    expect(await resealSecrets({ store, sealer: after })).toBe(0)
    expect(await sealed()).toEqual(first)
  })

  it('undoes nothing that is done meanwhile', async () => {
    await using store = await openTestStore()
    await fill(store, 3)
    const [one, two] = await store.read(({ factors }) => factors.listTotp())
    let isDone = false
    // Between the look at what there is and the work: one secret is replaced, one removed, the mail sent.
    const meanwhile: Store = {
      ...store,
      async write(work) {
        if (!isDone) {
          isDone = true
          await store.write(async ({ factors, mails }) => {
            await factors.setTotpSecret(one?.userId ?? '', both.seal('new', totpContext(one?.userId ?? '')))
            await factors.removeTotp(two?.userId ?? '')
            for (const { id } of await mails.list()) await mails.remove(id)
          })
        }
        return store.write(work)
      },
    }
    await resealSecrets({ store: meanwhile, sealer: both })
    const left = await store.read(({ factors }) => factors.listTotp())
    expect(left.map(({ userId }) => userId)).not.toContain(two?.userId)
    const replaced = left.find(({ userId }) => userId === one?.userId)
    expect(after.open(replaced?.secretSealed ?? '', totpContext(one?.userId ?? ''))).toBe('new')
    expect(await store.read(({ mails }) => mails.count())).toBe(0)
  })

  it('stops at what no root secret opens, and says so', async () => {
    await using store = await openTestStore()
    await fill(store, 0)
    const { id } = await enterUser(store)
    const secretSealed = createSealer([strange]).seal('secret', totpContext(id))
    await store.write(({ factors }) => factors.beginTotp({ userId: id, secretSealed, createdAt: 1 }))
    await expect(resealSecrets({ store, sealer: both })).rejects.toThrow(SealError)
    const [row] = await store.read(({ factors }) => factors.listTotp())
    expect(row?.secretSealed).toBe(secretSealed)
  })
})
