import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { tokenPurposes, type TokenPurpose } from '../../../src/ports/accounts/one-time-tokens.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import { newOneTimeToken } from '../../../src/services/accounts/one-time-token.ts'
import { codeOf } from './codes-of.ts'
import { ada, client, openAccounts } from './open-accounts.ts'

const minute = 60_000
const newPassword = 'amber stairs by night'

type Open = (accounts: Accounts, token: string, from?: ClientInfo) => Promise<{ readonly email: string }>

/** What opens a link, with the purpose of the tokens that it takes. */
const openers: readonly (readonly [string, TokenPurpose, Open])[] = [
  [
    'verifyEmail',
    'EMAIL_VERIFICATION',
    (accounts, token, from = client) => accounts.verifyEmail(token, from, anonymous),
  ],
  [
    'resetPassword',
    'PASSWORD_RESET',
    (accounts, token, from = client) => accounts.resetPassword({ token, newPassword }, from, anonymous),
  ],
  [
    'confirmEmailChange',
    'EMAIL_CHANGE',
    (accounts, token, from = client) => accounts.confirmEmailChange(token, from, anonymous),
  ],
  [
    'undoEmailChange',
    'EMAIL_CHANGE_UNDO',
    (accounts, token, from = client) => accounts.undoEmailChange(token, from, anonymous),
  ],
]

async function openLinks() {
  const test = await openAccounts()
  const { user } = await test.signUp()

  /** A token as it is entered for a link. */
  async function enter(purpose: TokenPurpose, userId: string | null = user.id): Promise<string> {
    const now = test.clock.now()
    const { token, record } = newOneTimeToken({
      purpose,
      userId,
      data: { email: ada.email },
      now,
      lifetimeMs: 10 * minute,
    })
    await test.store.write(({ oneTimeTokens }) => oneTimeTokens.insert(record))
    return token
  }

  return { ...test, enter }
}

const message = 'The link does not work: it is wrong, was used already, or has expired.'

describe.each(openers)('%s', (_name, purpose, open) => {
  it('refuses everything that is no token of its own with one sentence, and hashes nothing for it', async () => {
    await using test = await openLinks()
    const right = await test.enter(purpose)
    const [id = '', secret = ''] = right.split('.')
    const others = tokenPurposes.filter((other) => other !== purpose)
    const attacks = [
      '',
      '.',
      id,
      secret,
      `${id}.`,
      `.${secret}`,
      `${id}.${'A'.repeat(43)}`,
      `${newId('oneTimeToken')}.${secret}`,
      `${id}.${secret.toLowerCase()}`,
      `${right}=`,
      ` ${right}`,
      `${right}\n`,
      `${right}\u0000`,
      `${id}.${secret}.${secret}`,
      encodeURIComponent(`${id}.${secret}/`),
      'x'.repeat(1_000_000),
      '\ud800',
      `%' or '1'='1`,
      ...(await Promise.all(others.map((other) => test.enter(other)))),
      await test.enter(purpose, null),
    ]
    const before = test.hashing.length
    for (const attack of attacks) {
      await expect(open(test.accounts, attack)).rejects.toMatchObject({
        code: 'INVALID_TOKEN',
        message,
      })
    }
    expect(test.hashing.length).toBe(before)
    expect(await open(test.accounts, right)).toEqual({ email: ada.email })
  })

  it('refuses a token that is over, used, or of a user who is gone, with the same sentence', async () => {
    await using test = await openLinks()
    const over = await test.enter(purpose)
    test.clock.advance(10 * minute)
    await expect(open(test.accounts, over)).rejects.toMatchObject({ code: 'INVALID_TOKEN', message })
    const used = await test.enter(purpose)
    await open(test.accounts, used)
    await expect(open(test.accounts, used)).rejects.toMatchObject({ code: 'INVALID_TOKEN', message })
    const orphan = await test.enter(purpose)
    test.tamper('delete from users')
    await expect(open(test.accounts, orphan)).rejects.toMatchObject({ code: 'INVALID_TOKEN', message })
  })

  it('counts what does not work by network, and stands in nobody’s way who has what works', async () => {
    await using test = await openLinks()
    const accounts = await test.restart({
      limiters: { tokenByNetwork: memoryRateLimiter(attemptLimits.tokenByNetwork) },
    })
    const guess = (from?: ClientInfo) => codeOf(open(accounts, `${newId('oneTimeToken')}.${'A'.repeat(43)}`, from))
    const codes = await Promise.all(Array.from({ length: 31 }, () => guess()))
    expect(codes.filter((code) => code === 'INVALID_TOKEN')).toHaveLength(30)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1)
    expect(await guess({ ...client, ip: '203.0.113.9' })).toBe('INVALID_TOKEN')
    expect(await open(accounts, await test.enter(purpose))).toEqual({ email: ada.email })
  })
})
