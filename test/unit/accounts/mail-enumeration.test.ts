import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import { codeOf } from './codes-of.ts'
import { ada, client, openAccounts } from './open-accounts.ts'
import { recordedStore } from './recorded-store.ts'

/** Addresses of one length, each with another fate. */
const addresses = {
  verified: 'a-verified@example.com',
  unverified: 'unverified@example.com',
  disabled: 'a-disabled@example.com',
  withoutPassword: 'provided-x@example.com',
  nobody: 'some-nobody@example.co',
} as const

type Ask = (accounts: Accounts, email: string) => Promise<unknown>

const asks: Readonly<Record<string, Ask>> = {
  requestPasswordReset: (accounts, email) => accounts.requestPasswordReset(email, client),
  resendEmailVerification: (accounts, email) => accounts.resendEmailVerification(email, client),
}

async function openAddresses() {
  const test = await openAccounts()
  for (const [fate, email] of Object.entries(addresses)) if (fate !== 'nobody') await test.signUp({ email })
  test.tamper('update users set email_verified_at = 1 where email = ?', addresses.verified)
  test.tamper('update users set disabled_at = 1 where email = ?', addresses.disabled)
  test.tamper('update users set password_hash = null where email = ?', addresses.withoutPassword)
  const recorded = recordedStore(test.store)
  const accounts = await test.restart({ store: recorded.store })
  return { ...test, accounts, callsOf: recorded.callsOf }
}

describe.each(Object.entries(asks))('whether an address has an account is not told by %s', (_name, ask) => {
  it('in the answer, in what is done for it, or in what is kept', async () => {
    await using test = await openAddresses()
    const seen = new Map<string, string[]>()
    for (const [fate, email] of Object.entries(addresses)) {
      const hashes = test.hashing.length
      let answer = ''
      const calls = await test.callsOf(async () => {
        answer = JSON.stringify(await ask(test.accounts, email)).replace(email, '…')
      })
      const [waiting] = (await test.store.read(({ mails }) => mails.list())).slice(-1)
      const kept = `sealed in ${waiting?.sealed.length} characters`
      const facts = [answer, ...calls, `${test.hashing.length - hashes} hashes`, kept]
      seen.set(facts.join(', '), [...(seen.get(facts.join(', ')) ?? []), fate])
    }
    expect([...seen.values()]).toEqual([Object.keys(addresses)])
    const [facts = ''] = seen.keys()
    expect(facts).toMatch(/^\{"email":"…"\}, write, mails\.count, mails\.insert, 0 hashes, sealed in \d+ characters$/)
  })

  it('by a limit: it is the same for each', async () => {
    await using test = await openAddresses()
    const mailByAddress = memoryRateLimiter(attemptLimits.mailByAddress)
    const accounts = await test.restart({ limiters: { mailByAddress } })
    for (const email of Object.values(addresses)) {
      const codes: unknown[] = []
      for (let n = 0; n < 6; n += 1) codes.push(await codeOf(ask(accounts, email.toUpperCase())))
      expect(codes).toEqual([null, null, null, null, null, 'RATE_LIMITED'])
    }
  })

  it('by what is asked too often from one network', async () => {
    await using test = await openAddresses()
    const accounts = await test.restart({ limiters: { mailByNetwork: memoryRateLimiter(attemptLimits.mailByNetwork) } })
    for (let n = 0; n < 30; n += 1) await ask(accounts, `user${n}@example.com`)
    expect(await codeOf(ask(accounts, addresses.verified))).toBe('RATE_LIMITED')
    expect(await codeOf(ask(accounts, addresses.nobody))).toBe('RATE_LIMITED')
  })

  it('and what is no address is refused before anything is done', async () => {
    await using test = await openAddresses()
    const wrong = [
      '',
      'ada',
      '@',
      'a b@example.com',
      'a@b@c',
      'ada@x.org\r\nBcc: x@y',
      `${'x'.repeat(1e6)}@y`,
      '\ud800@x',
    ]
    for (const email of wrong) {
      const calls = await test.callsOf(() =>
        expect(ask(test.accounts, email)).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          issues: [{ path: ['email'], message: 'This is not an email address such as ada@example.com.' }],
        }),
      )
      expect(calls).toEqual([])
    }
  })
})

describe('whether an address has an account is not told by requestEmailChange', () => {
  it('in the answer, or in what is done for it', async () => {
    await using test = await openAddresses()
    const { cookie } = await test.accounts
      .signIn({ email: addresses.unverified, password: ada.password, delivery: 'COOKIE' }, client, anonymous)
      .then((entered) => (entered.kind === 'SIGNED_IN' ? entered : { cookie: null }))
    const principal = await test.accounts.authenticate({ apiKey: null, bearer: null, sessionCookie: cookie }, client)
    const ways = new Set<string>()
    for (const email of [addresses.verified, addresses.disabled, addresses.nobody, addresses.unverified]) {
      let answer = ''
      const calls = await test.callsOf(async () => {
        answer = JSON.stringify(await test.accounts.requestEmailChange(email, client, principal)).replace(email, '…')
      })
      ways.add([answer, ...calls].join(', '))
    }
    expect([...ways]).toEqual([
      expect.stringMatching(/^\{"email":"…"\}, write, .*oneTimeTokens\.insert, .*mails\.insert/),
    ])
  })
})
