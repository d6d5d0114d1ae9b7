import { describe, expect, it } from 'vitest'
import { bcryptPasswordHasher } from '../../src/adapters/local/bcrypt-password-hasher.ts'

const pepper = Buffer.alloc(32, 1)

describe('password hashes by bcrypt', () => {
  const hasher = bcryptPasswordHasher({ pepper, cost: 4 })

  it('verify the password that they were made of and no other', async () => {
    const stored = await hasher.hash('correct horse')
    expect(await hasher.verify('correct horse', stored)).toBe(true)
    for (const other of ['', 'correct horse ', ' correct horse', 'Correct horse', 'correct hors']) {
      expect(await hasher.verify(other, stored)).toBe(false)
    }
  })

  it('tell passwords apart that bcrypt alone would not', async () => {
    const long = 'a'.repeat(72)
    expect(await hasher.verify(`${long}second`, await hasher.hash(`${long}first`))).toBe(false)
    expect(await hasher.verify('before\u0000second', await hasher.hash('before\u0000first'))).toBe(false)
    const emoji = '😀'.repeat(256)
    const stored = await hasher.hash(emoji)
    expect(await hasher.verify(emoji, stored)).toBe(true)
    expect(await hasher.verify('😀'.repeat(255), stored)).toBe(false)
  })

  it('take the two ways of writing one letter for the same', async () => {
    expect(await hasher.verify('e\u0301te\u0301', await hasher.hash('été'))).toBe(true)
  })

  it('say of themselves how they were made', async () => {
    expect(await hasher.hash('correct horse')).toMatch(/^hmac-sha384-bcrypt:1:\$2b\$04\$[./A-Za-z0-9]{53}$/)
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'))
  })

  it('are worth nothing without the pepper', async () => {
    const other = bcryptPasswordHasher({ pepper: Buffer.alloc(32, 2), cost: 4 })
    expect(await other.verify('correct horse', await hasher.hash('correct horse'))).toBe(false)
  })

  it('answer no for an account that is not there, whatever the password', async () => {
    for (const password of ['', 'correct horse', '.'.repeat(31)])
      expect(await hasher.verify(password, null)).toBe(false)
  })

  it.each([
    '',
    'correct horse',
    `$2b$04$${'a'.repeat(53)}`,
    `hmac-sha384-bcrypt:1:$2b$16$${'a'.repeat(53)}`,
    `hmac-sha384-bcrypt:1:$2b$00$${'a'.repeat(53)}`,
    `hmac-sha384-bcrypt:9:$2b$04$${'a'.repeat(53)}`,
    `hmac-sha384-bcrypt:1:$2b$04$${'a'.repeat(1_000_000)}`,
  ])('match nothing and cost no more when the stored text is not one of ours (case %#)', async (stored) => {
    const started = performance.now()
    expect(await hasher.verify('correct horse', stored)).toBe(false)
    expect(hasher.needsRehash(stored)).toBe(true)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('are to be made anew when the cost has changed', async () => {
    const stored = await hasher.hash('correct horse')
    const stronger = bcryptPasswordHasher({ pepper, cost: 5 })
    expect(hasher.needsRehash(stored)).toBe(false)
    expect(stronger.needsRehash(stored)).toBe(true)
    expect(await stronger.verify('correct horse', stored)).toBe(true)
    expect(stronger.needsRehash(await stronger.hash('correct horse'))).toBe(false)
  })

  it('are made a few at a time; who comes when all places are taken is told at once', async () => {
    const small = bcryptPasswordHasher({ pepper, cost: 4, concurrency: 2, maxWaiting: 3 })
    const stored = await small.hash('correct horse')
    const attempts = Array.from({ length: 8 }, () => small.verify('correct horse', stored))
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused?.reason).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many passwords are being checked at the moment. Try again in 5 seconds.',
      retryAfterSeconds: 5,
    })
    // The places are free again.
    expect(await small.verify('correct horse', stored)).toBe(true)
  })

  it('are made first for who is known, for whom strangers leave some of the places to wait in', async () => {
    const small = bcryptPasswordHasher({ pepper, cost: 4, concurrency: 1, maxWaiting: 8 })
    const stored = await small.hash('correct horse')
    const done: string[] = []
    const verify = async (who: string, known: boolean) => {
      await small.verify('correct horse', stored, { known })
      done.push(who)
    }
    const strangers = Promise.allSettled(Array.from({ length: 20 }, () => verify('stranger', false)))
    const known = Promise.allSettled(Array.from({ length: 3 }, () => verify('known', true)))
    expect((await known).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    // One runs and six of the eight places are theirs.
    expect((await strangers).filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
    expect(done.slice(0, 4)).toEqual(['stranger', 'known', 'known', 'stranger'])
    await expect(Promise.all([small.hash('a', { known: true }), small.hash('b')])).resolves.toHaveLength(2)
  })

  it('leave the event loop free', async () => {
    const slow = bcryptPasswordHasher({ pepper, cost: 10 })
    let turns = 0
    const hash = slow.hash('correct horse')
    const done = hash.then(() => true)
    while (!(await Promise.race([done, new Promise<false>((resolve) => setImmediate(() => resolve(false)))])))
      turns += 1
    expect(turns).toBeGreaterThan(10)
  })

  it('are not made with a cost out of bounds', () => {
    for (const cost of [3, 15, 4.5, Number.NaN]) {
      expect(() => bcryptPasswordHasher({ pepper, cost })).toThrow('The cost of bcrypt is a whole number from 4 to 14.')
    }
  })
})
