import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { attemptedPassword, createPasswordPolicy } from '../../../src/services/accounts/passwords/password-policy.ts'

const byAccount = memoryRateLimiter({ attempts: 1000, seconds: 60 })
const judge = createPasswordPolicy({ blocklist: null, byAccount })
const context = { email: 'ada.lovelace@example.com', displayName: 'Ada Lovelace' }
const own = 'The password is made of your name, your email address or the name of this site.'

/** So many different emoji that no pattern is in them. */
function emoji(count: number): string {
  return Array.from({ length: count }, (_, i) => String.fromCodePoint(0x1f600 + ((i * 37) % 79))).join('')
}

describe('the password policy', () => {
  it.each([
    ['', 'The password needs at least 15 characters.'],
    ['k7#vQ!m2xZ9pLw', 'The password needs at least 15 characters.'],
    [emoji(14), 'The password needs at least 15 characters.'],
    [emoji(257), 'The password may have at most 256 characters.'],
    ['x'.repeat(1_000_000), 'The password may have at most 256 characters.'],
    ['quite a long one \ud800', 'The password holds half a character (a lone surrogate).'],
    ['millracemillrace', own],
    ['Millrace-Millrace-1', own],
    ['ada.lovelace@example.com', own],
    ['AdaLovelace2026!', own],
    ['ａｄａlovelace12345', own],
    ['passwordpassword', 'The password repeats the same few characters.'],
    ['aaaaaaaaaaaaaaaaaaaa', 'The password repeats the same few characters.'],
    ['abcdefghijklmnop', 'The password is a sequence such as abcd or 6543.'],
    ['1qaz2wsx3edc4rfv', 'The password is a common password or close to one.'],
    ['qwertyuiopasdfgh', 'The password is a common password or close to one.'],
  ])('refuses %j', async (password, message) => {
    expect(await judge(password, context)).toBe(message)
  })

  it.each([
    'violet hum table',
    'fourteen plus o',
    'correct horse battery staple',
    'k7#vQ!m2xZ9pLwR',
    'millrace turns the big old wheel',
    'ein schöner Tag für Kühe',
    '長い合言葉は覚えやすくて強いものです',
    'nul\u0000 inside is as good',
  ])('asks for no kinds of character: %j', async (password) => {
    expect(await judge(password, context)).toBeNull()
  })

  it('takes 256 emoji and counts code points of the form that is hashed', async () => {
    expect(await judge(emoji(256), context)).toBeNull()
    // 15 letters with a combining mark each are 15, not 30.
    expect(await judge('åkqzømvürñéxçwþ'.normalize('NFD'), context)).toBeNull()
    expect(await judge('åkqzømvürñéxçw'.normalize('NFD'), context)).toBe('The password needs at least 15 characters.')
  })

  it.each([
    ['k7#vQ!m', 'The password needs at least 8 characters.'],
    ['millrace1', own],
    ['password1', 'The password is a common password or close to one.'],
    ['abcdefgh', 'The password is a sequence such as abcd or 6543.'],
  ])('asks for 8 characters where there is a second factor, and refuses %j', async (password, message) => {
    expect(await judge(password, { ...context, isMfaEnforced: true })).toBe(message)
    expect(await judge('k7#vQ!m2', { ...context, isMfaEnforced: true })).toBeNull()
    expect(await judge('k7#vQ!m2', context)).toBe('The password needs at least 15 characters.')
  })

  it('refuses what is on the list of known passwords, after its own rules', async () => {
    const asked: string[] = []
    const blocklist = {
      has(password: string) {
        asked.push(password)
        return password === 'violet hum table'
      },
    }
    const judgeListed = createPasswordPolicy({ blocklist, byAccount })
    expect(await judgeListed('violet hum table', context)).toBe(
      'The password is on a list of passwords that others know.',
    )
    expect(await judgeListed('violet hum tables', context)).toBeNull()
    expect(await judgeListed('x'.repeat(1_000_000), context)).toBe('The password may have at most 256 characters.')
    expect(asked).toEqual(['violet hum table', 'violet hum tables'])
  })

  it('judges no more passwords for one account than may be, as that costs time', async () => {
    const few = memoryRateLimiter({ attempts: 3, seconds: 60 })
    const judgeFew = createPasswordPolicy({ blocklist: null, byAccount: few })
    const account = { ...context, isMfaEnforced: false }
    const attempts = Array.from({ length: 10 }, (_, i) => judgeFew(`violet hum table ${i}`, account))
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    await expect(judgeFew('violet hum table', account)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(await judgeFew('short', account)).toBe('The password needs at least 15 characters.')
    expect(await judgeFew('violet hum table', { ...account, email: 'eve@example.com' })).toBeNull()
    // Whoever signs up with the address does not use up what its owner may.
    for (let i = 0; i < 9; i += 1) expect(await judgeFew('violet hum table', context)).toBeNull()
  })

  it('answers in a bounded time for the costliest texts', async () => {
    const started = performance.now()
    for (const piece of ['4', 'p@ssw0rd', '4@8(30!1|5$7+%2', 'ab1!', '2010-12-12'])
      await judge(piece.repeat(256).slice(0, 256), context)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('a password that is to be checked', () => {
  it('is taken as it is, unless no account can have it', () => {
    for (const password of ['', ' ', 'nul \u0000', '😀'.repeat(256), 'a'.repeat(1024)]) {
      expect(attemptedPassword(password)).toBe(password)
    }
    expect(attemptedPassword('a'.repeat(1025))).toBe('')
    // It would be hashed as the replacement character, which is another password.
    expect(attemptedPassword('quite a long one \ud800')).toBe('')
  })
})
