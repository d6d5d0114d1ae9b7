import { describe, expect, it } from 'vitest'
import { bcryptPasswordHasher } from '../../../src/adapters/local/bcrypt-password-hasher.ts'
import { Refusal } from '../../../src/core/errors.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { PasswordHasher } from '../../../src/ports/password-hasher.ts'
import type { Records, Store } from '../../../src/ports/store.ts'
import { ada, client, goodPassword, nothing, openAccounts } from './open-accounts.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

const wrong = { ...ada, password: 'not the password' }

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const reason: unknown = await attempt.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(reason instanceof Refusal)) throw new TypeError('The attempt was not refused.')
  return JSON.stringify([reason.code, reason.message, reason.details])
}

describe('signing in', () => {
  it('answers every failure with the same bytes and one check with the same parameters', async () => {
    await using test = await openAccounts()
    await test.signUp()
    await test.signUp({ email: 'disabled@example.com' })
    await test.signUp({ email: 'oauth@example.com' })
    test.tamper(`update users set disabled_at = 1 where email = 'disabled@example.com'`)
    test.tamper(`update users set password_hash = null where email = 'oauth@example.com'`)
    const attempts = [
      { email: ada.email, password: 'not the password' },
      { email: ada.email, password: '' },
      { email: ada.email, password: 'x'.repeat(1_000_000) },
      { email: 'nobody@example.com' },
      { email: 'disabled@example.com' },
      { email: 'oauth@example.com' },
      { email: ada.email, password: `${goodPassword}\ud800` },
      { email: 'not an address' },
      { email: 'nul\u0000@example.com' },
      { email: 'half\ud800@example.com' },
      { email: `${'a'.repeat(1_000_000)}@example.com` },
    ]
    const answers = new Set<string>()
    for (const attempt of attempts) {
      test.hashing.length = 0
      answers.add(await refusalOf(test.signIn(attempt)))
      expect(test.hashing.map(({ kind }) => kind)).toEqual(['verify'])
      // Either a dummy of today's parameters, or the hash of a living account, which has them as well.
      expect(test.hashing[0]?.stored ?? 'dummy').toMatch(/^dummy$|\$04\$/)
    }
    // Who cannot get in has no hash that is tried.
    test.hashing.length = 0
    await refusalOf(test.signIn({ email: 'disabled@example.com' }))
    expect(test.hashing).toEqual([{ kind: 'verify', stored: null }])
    expect([...answers]).toEqual([
      '["INVALID_CREDENTIALS","The email address and the password do not belong together.",{}]',
    ])
  })

  it('takes the password exactly as it was set', async () => {
    await using test = await openAccounts()
    const password = ` ${goodPassword}\u0000 é`
    await test.signUp({ password })
    for (const other of [password.trim(), `${password} `, password.toUpperCase(), password.split('\u0000')[0] ?? '']) {
      await expect(test.signIn({ password: other })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    }
    // The same text to a reader, typed on another system.
    await test.signIn({ password: password.normalize('NFD') })
    await test.signIn({ password })
  })

  it('finds the account however the address is written', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    expect((await test.signIn({ email: 'ADA@Example.COM' })).user.id).toBe(user.id)
  })

  it('starts a new session each time', async () => {
    await using test = await openAccounts()
    const first = await test.signUp()
    const second = await test.signIn()
    expect(second.session.id).not.toBe(first.session.id)
    expect(second.cookie).not.toBe(first.cookie)
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: first.cookie }, client)).toMatchObject({
      kind: 'user',
    })
  })

  it('ends the session that came with the request, so that a planted cookie is worth nothing', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const planted = await test.signUp({ email: 'mallory@example.com' })
    const present = await test.accounts.authenticate({ ...nothing, sessionCookie: planted.cookie }, client)
    const victim = await test.accounts.signIn({ ...ada }, client, present)
    if (victim.kind !== 'SIGNED_IN') throw new TypeError('There is no second factor.')
    expect(victim.cookie).not.toBe(planted.cookie)
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: planted.cookie }, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: victim.cookie }, client)).toMatchObject({
      userId: victim.user.id,
    })
  })

  it('keeps the present session when it fails', async () => {
    await using test = await openAccounts()
    const { cookie } = await test.signUp()
    const present = await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    await expect(test.accounts.signIn({ ...ada, password: 'not the password' }, client, present)).rejects.toMatchObject(
      { code: 'INVALID_CREDENTIALS' },
    )
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toEqual(present)
  })

  it('makes the stored hash anew when it is of an older cost', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const stronger = await test.restart({ hasher: bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 5 }) })
    const hash = async () => (await test.store.read(({ accounts }) => accounts.findUser(user.id)))?.passwordHash
    expect(await hash()).toContain('$04$')
    await stronger.signIn({ ...ada }, client, anonymous)
    const rehashed = await hash()
    expect(rehashed).toContain('$05$')
    await stronger.signIn({ ...ada }, client, anonymous)
    expect(await hash()).toBe(rehashed)
  })

  it('leaves the old hash for the next time when the hasher is busy', async () => {
    const hasher = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4 })
    const full = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4, concurrency: 0, maxWaiting: 0 })
    await using test = await openAccounts({ hasher: { ...hasher, needsRehash: () => true } })
    await test.signUp()
    const busy = await test.restart({ hasher: { ...hasher, hash: full.hash, needsRehash: () => true } })
    expect(await busy.signIn({ ...ada }, client, anonymous)).toMatchObject({ user: { email: ada.email } })
  })

  it('does not let in who was disabled, or whose password was changed, while it was being checked', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const plain = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4 })
    const meanwhile = (change: string): PasswordHasher => ({
      ...plain,
      async verify(password, stored) {
        const isRight = await plain.verify(password, stored)
        test.tamper(change)
        return isRight
      },
    })
    for (const change of [`update users set disabled_at = 1`, `update users set password_hash = 'other'`]) {
      const accounts = await test.restart({ hasher: meanwhile(change) })
      const refused = accounts.signIn({ ...ada }, client, anonymous)
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
      test.tamper(`update users set disabled_at = null`)
    }
  })

  it('takes no longer way for an account that is there: one look-up, one count, one hash, one line', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const steps: string[] = []
    const accounts = await test.restart({ store: noting(test.store, steps) })
    for (const email of [ada.email, 'nobody@example.com', 'no address']) {
      steps.length = 0
      test.hashing.length = 0
      await refusalOf(accounts.signIn({ ...wrong, email }, client, anonymous))
      expect([email, ...steps]).toEqual([email, 'look up', 'count', 'count', 'write down'])
      expect(test.hashing).toHaveLength(1)
    }
  })

  it('writes every failure down with its reason, which is told to nobody', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const disabled = await test.signUp({ email: 'disabled@example.com' })
    const byProvider = await test.signUp({ email: 'oauth@example.com' })
    test.tamper('update users set disabled_at = 1 where id = ?', disabled.user.id)
    test.tamper('update users set password_hash = null where id = ?', byProvider.user.id)
    for (const email of [ada.email, 'nobody@example.com', 'disabled@example.com', 'oauth@example.com']) {
      await refusalOf(test.accounts.signIn({ ...wrong, email }, client, anonymous))
    }
    const lines = await auditLines(test.store, 'SIGN_IN_FAILED')
    expect(lines.map(({ subjectId, details }) => [subjectId, details['reason']])).toEqual([
      [user.id, 'WRONG_PASSWORD'],
      [null, 'UNKNOWN_USER'],
      [disabled.user.id, 'DISABLED'],
      [byProvider.user.id, 'NO_PASSWORD'],
    ])
    const { id: _id, details: _details, ...line } = lines[0] ?? { id: null, details: null }
    expect(line).toEqual({
      at: test.clock.now(),
      event: 'SIGN_IN_FAILED',
      outcome: 'FAILURE',
      actor: 'ANONYMOUS',
      actorId: null,
      subjectId: user.id,
      sessionId: null,
      keyId: null,
      methods: ['PASSWORD'],
      assurance: null,
      ip: client.ip,
      userAgent: client.userAgent,
      requestId: client.requestId,
    })
    expect(JSON.stringify(lines)).not.toContain(wrong.password)
    expect(await auditLines(test.store, 'SIGNED_IN')).toHaveLength(3)
  })

  it('tells the owner of a program in a new network, or of another kind, once each', async () => {
    await using test = await openAccounts()
    const tokens = { ...ada, delivery: 'TOKENS' } as const
    await test.accounts.signUp(tokens, client, anonymous)
    test.clock.advance(60_001)
    const elsewhere = { ...client, ip: '203.0.113.9' }
    const nextDoor = { ...client, ip: '203.0.113.200', userAgent: 'test, in its next version' }
    const page = { ...elsewhere, userAgent: 'Mozilla/5.0' }
    const toldOf: (string | null)[][] = []
    for (const from of [client, elsewhere, nextDoor, elsewhere, page, page]) {
      await test.accounts.signIn(tokens, from, anonymous)
      const news = (await queuedNotices(test.store)).filter((notice) => notice.kind === 'NEW_DEVICE')
      toldOf.push(news.map(({ ip, userAgent }) => `${ip} ${userAgent}`))
    }
    const first = '203.0.113.9 test'
    const second = '203.0.113.9 Mozilla/5.0'
    expect(toldOf).toEqual([[], [first], [first], [first], [first, second], [first, second]])
  })

  it('tells who knows the password, and nobody else, that the address is not confirmed', async () => {
    await using test = await openAccounts()
    const { user } = await test.signUp()
    const accounts = await test.restart({ policy: { emailVerification: true } })
    const attempt = (input: object = {}) => accounts.signIn({ ...ada, ...input }, client, anonymous)
    await expect(attempt(wrong)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    for (let i = 0; i < 8; i += 1) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'EMAIL_NOT_VERIFIED',
        message: 'Confirm your email address first, by the link in the mail that you got.',
      })
    }
    const reasons = (await auditLines(test.store, 'SIGN_IN_FAILED')).map(({ details }) => details['reason'])
    expect(new Set(reasons.slice(1))).toEqual(new Set(['EMAIL_NOT_VERIFIED']))
    // A disabled account says nothing, whatever is known of it.
    test.tamper('update users set disabled_at = 1')
    await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    test.tamper('update users set disabled_at = null')
    await test.store.write((records) => records.accounts.setEmailVerified(user.id, test.clock.now()))
    expect(await attempt()).toMatchObject({ kind: 'SIGNED_IN' })
  })
})

/** The same store, which notes the steps of a sign-in that touch it. */
function noting(store: Store, steps: string[]): Store {
  const note = <Result>(step: string, result: Result): Result => {
    steps.push(step)
    return result
  }
  const watched = (records: Records): Records => ({
    ...records,
    devices: { ...records.devices, has: (...of) => note('look up', records.devices.has(...of)) },
    attempts: { ...records.attempts, set: (...of) => note('count', records.attempts.set(...of)) },
    audit: { ...records.audit, append: (line) => note('write down', records.audit.append(line)) },
  })
  return {
    ...store,
    read: (work) => store.read((records) => work(watched(records))),
    write: (work) => store.write((records) => work(watched(records))),
  }
}
