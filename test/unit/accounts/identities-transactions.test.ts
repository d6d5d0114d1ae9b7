import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { Refusal } from '../../../src/core/errors.ts'
import type { OAuthCallback } from '../../../src/services/accounts/identities/finish-oauth.ts'
import { codeOf, countOf } from './codes-of.ts'
import { client, settle } from './open-accounts.ts'
import {
  adaThere,
  codeChallenge,
  eveThere,
  fragmentOf,
  type IdentitiesUnderTest,
  nativeApp,
  openIdentities,
  verifier,
} from './open-identities.ts'
import { browser } from './open-passkeys.ts'

const minute = 60_000
const otherBrowser = { ...browser, device: 'b'.repeat(43) }

let test: IdentitiesUnderTest
beforeEach(async () => {
  test = await openIdentities()
})
afterEach(() => test[Symbol.asyncDispose]())

const users = () => test.store.read(({ accounts }) => accounts.listUsers({ search: null, before: null, limit: 100 }))

describe('a transaction with a provider', () => {
  it('is finished in the browser that began it, and in no other', async () => {
    const callback = await test.begin()
    for (const from of [otherBrowser, client]) {
      const step = await test.finish(callback, { client: from })
      expect(step).toEqual({ address: 'https://app.example.com/#error=INVALID_CHALLENGE', signedIn: null })
    }
    expect(await users()).toEqual([])
    // Who brought it to another browser has not used it up.
    expect((await test.finish(callback)).signedIn).not.toBeNull()
  })

  it('is over after ten minutes', async () => {
    const [early, late] = [await test.begin(), await test.begin()]
    test.clock.advance(10 * minute - 1)
    expect((await test.finish(early)).signedIn).not.toBeNull()
    test.clock.advance(1)
    expect(fragmentOf(await test.finish(late))).toEqual({ error: 'INVALID_CHALLENGE' })
  })

  it('is finished once, of ten at once as well', async () => {
    const callback = await test.begin()
    const steps = await Promise.all(Array.from({ length: 10 }, () => test.finish(callback)))
    expect(steps.filter(({ signedIn }) => signedIn !== null)).toHaveLength(1)
    expect(steps.filter((step) => fragmentOf(step)['error'] === 'INVALID_CHALLENGE')).toHaveLength(9)
    const [user] = await users()
    const sessions = await test.store.read(({ accounts }) => accounts.sessionsOf(user?.id ?? '', test.clock.now()))
    expect(sessions).toHaveLength(1)
  })

  it('is not answered by another provider than the one that was chosen, and is used up by that', async () => {
    const { search } = await test.begin()
    expect(fragmentOf(await test.finish({ provider: 'shady', search }))).toEqual({ error: 'INVALID_CHALLENGE' })
    expect(fragmentOf(await test.finish({ provider: 'github', search }))).toEqual({ error: 'INVALID_CHALLENGE' })
    expect(await test.audited('SIGN_IN_FAILED')).toMatchObject([{ details: { provider: 'github' } }])
  })

  it.each<[string, (callback: OAuthCallback, other: OAuthCallback) => string, string]>([
    ['no state', () => 'code=x', 'INVALID_CHALLENGE'],
    ['an empty query', () => '', 'INVALID_CHALLENGE'],
    ['a huge state', () => `state=${'x'.repeat(100_000)}`, 'INVALID_CHALLENGE'],
    [
      'a state that was made up',
      () => `code=x&state=ott_01h455vb4pex5vsknk084sn02q.${'a'.repeat(43)}`,
      'INVALID_CHALLENGE',
    ],
    ['a wrong secret', ({ search }) => search.replace(/.$/, search.endsWith('A') ? 'B' : 'A'), 'INVALID_CHALLENGE'],
    ['the state twice', ({ search }) => `${search}&state=other`, 'PROVIDER_FAILED'],
    ['the code of another transaction', ({ search }, other) => mix(search, other.search), 'PROVIDER_FAILED'],
    ['the provider’s error', ({ search }) => search.replace(/code=[^&]*/, 'error=access_denied'), 'PROVIDER_FAILED'],
  ])('gets nobody in with %s', async (_name, tamper, error) => {
    const [callback, other] = [await test.begin(), await test.begin()]
    const step = await test.finish({ provider: 'github', search: tamper(callback, other) })
    expect([fragmentOf(step), step.signedIn]).toEqual([{ error }, null])
    expect(await users()).toEqual([])
  })

  it('is not begun by a token of another kind', async () => {
    const code = await test.codeFor(adaThere)
    const { search } = await test.begin()
    const stolen = new URLSearchParams(search)
    stolen.set('state', code)
    const step = await test.finish({ provider: 'github', search: stolen.toString() })
    expect(fragmentOf(step)).toEqual({ error: 'INVALID_CHALLENGE' })
  })

  it('leaves nothing in the store by which it could be finished, or by which the provider could be asked', async () => {
    const address = await test.accounts.startOAuthSignIn(
      { provider: 'github', redirectTo: '/', delivery: 'COOKIE' },
      browser,
    )
    const state = new URL(address).searchParams.get('state') ?? ''
    const callback = await test.visit(address)
    const atRest = () => test.dump().map(String).join('\n')
    expect(atRest()).not.toContain(state.split('.')[1])
    expect(atRest()).not.toContain('codeVerifier')
    await test.finish(callback)
    expect(atRest()).not.toContain('gho_')
    expect(atRest()).not.toContain(new URLSearchParams(callback.search).get('code'))
  })

  it('is not begun where it could not end', async () => {
    const { accounts } = test
    const input = { provider: 'github', redirectTo: '/', delivery: 'COOKIE' } as const
    expect(await codeOf(accounts.startOAuthSignIn({ ...input, provider: 'none' }, browser))).toBe('UNKNOWN_PROVIDER')
    expect(await codeOf(accounts.startOAuthSignIn({ ...input, redirectTo: '//x' }, browser))).toBe('INVALID_INPUT')
    expect(await codeOf(accounts.openOAuth({ ...input, redirectTo: '//x' }, browser))).toBe('INVALID_INPUT')
    // Without a browser to bind it to, there is a fault of ours.
    await expect(accounts.startOAuthSignIn(input, client)).rejects.toThrow(TypeError)
    expect(test.github.asked).toEqual([])
  })

  it('is counted by network, with what finishes it', async () => {
    const limited = await test.restart({
      limiters: { oauthByNetwork: memoryRateLimiter({ attempts: 3, seconds: 60 }) },
    })
    const input = { provider: 'github', redirectTo: '/', delivery: 'COOKIE' } as const
    await limited.startOAuthSignIn(input, browser)
    await limited.openOAuth(input, browser)
    await limited.finishOAuth({ provider: 'github', search: '' }, browser, anonymous)
    expect(await codeOf(limited.startOAuthSignIn(input, browser))).toBe('RATE_LIMITED')
    expect(await codeOf(limited.openOAuth(input, browser))).toBe('RATE_LIMITED')
    expect(await codeOf(limited.finishOAuth({ provider: 'github', search: '' }, browser, anonymous))).toBe(
      'RATE_LIMITED',
    )
    expect(await codeOf(limited.exchangeOAuthCode({ code: '', codeVerifier: '' }, browser, anonymous))).toBe(
      'RATE_LIMITED',
    )
    const elsewhere = { ...browser, ip: '198.51.100.9' }
    expect(await codeOf(limited.startOAuthSignIn(input, elsewhere))).toBeNull()
  })
})

describe('a program', () => {
  const wish = { provider: 'github', redirectTo: nativeApp, delivery: 'TOKENS', codeChallenge } as const

  it('sends the browser to this server, which binds the transaction to it', async () => {
    const address = await test.accounts.startOAuthSignIn(wish, client)
    expect(address).toBe(
      `http://localhost:4000/auth/oauth/github?${new URLSearchParams({ redirectTo: nativeApp, codeChallenge })}`,
    )
    expect(test.github.asked).toEqual([])
  })

  it.each<[string, object]>([
    ['TOKENS without a challenge', { codeChallenge: null }],
    ['COOKIE with one', { delivery: 'COOKIE' }],
    ['the verifier itself', { codeChallenge: verifier }],
    ['an empty challenge', { codeChallenge: '' }],
    ['a padded challenge', { codeChallenge: `${codeChallenge}=` }],
  ])('is refused %s', async (_name, more) => {
    expect(await codeOf(test.accounts.startOAuthSignIn({ ...wish, ...more }, browser))).toBe('INVALID_INPUT')
  })

  it('gets tokens for the code that the browser brings, by the verifier', async () => {
    const code = await test.codeFor(adaThere)
    expect(await users()).toEqual([])
    const entered = await test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
    expect(entered).toMatchObject({
      kind: 'SIGNED_IN',
      cookie: null,
      session: { delivery: 'TOKENS', methods: ['OAUTH'] },
    })
  })

  it('is asked for the second factor, too', async () => {
    const { signedIn } = await test.comeBy(adaThere)
    const principal = await test.principalOf({ cookie: signedIn?.cookie ?? null })
    const owner = await test.enrol({ userId: principal.userId, principal })
    const code = await test.codeFor(adaThere)
    const entered = await test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
    if (entered.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
    const complete = await test.complete(entered.challengeToken, { method: 'TOTP', code: test.code(owner) }, client)
    expect(complete).toMatchObject({ cookie: null, session: { delivery: 'TOKENS', assurance: 2 } })
  })

  it('gets nothing by a code that it has no verifier for, and nobody does any more', async () => {
    for (const wrong of [verifier.replace('a', 'b'), codeChallenge, '', 'short', 'ä'.repeat(50), 'x'.repeat(10_000)]) {
      const code = await test.codeFor(adaThere)
      const steal = test.accounts.exchangeOAuthCode({ code, codeVerifier: wrong }, client, anonymous)
      expect(await codeOf(steal)).toBe('INVALID_TOKEN')
      const late = test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
      expect(await codeOf(late)).toBe('INVALID_TOKEN')
    }
    expect(await users()).toEqual([])
  })

  it('gets one session for a code, of ten tries at once as well', async () => {
    const code = await test.codeFor(adaThere)
    const input = { code, codeVerifier: verifier }
    const { worked, reasons } = await settle(
      Array.from({ length: 10 }, () => test.accounts.exchangeOAuthCode(input, client, anonymous)),
    )
    expect([worked.length, countOf(reasons, 'INVALID_TOKEN')]).toEqual([1, 9])
  })

  it('has a minute for it', async () => {
    const [early, late] = [await test.codeFor(adaThere), await test.codeFor(adaThere)]
    test.clock.advance(minute - 1)
    const exchange = (code: string) =>
      test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
    expect(await codeOf(exchange(early))).toBeNull()
    test.clock.advance(1)
    expect(await codeOf(exchange(late))).toBe('INVALID_TOKEN')
  })

  it.each(['', 'guess', `ott_01h455vb4pex5vsknk084sn02q.${'a'.repeat(43)}`, 'x'.repeat(100_000)])(
    'gets nothing for what is no code: %s',
    async (code) => {
      const exchange = test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
      await expect(exchange).rejects.toMatchObject({
        code: 'INVALID_TOKEN',
        message: 'The code does not work: it is wrong, was used already, or has expired.',
      })
    },
  )

  it('learns of a refusal where it waits, in the query', async () => {
    const { address } = await test.accounts.openOAuth(wish, browser)
    const { search } = await test.visit(address)
    const refused = search.replace(/code=[^&]*/, 'error=access_denied')
    const step = await test.finish({ provider: 'github', search: refused })
    expect(step.address).toBe('com.example.app:/signed-in?error=PROVIDER_FAILED')
  })

  it('is told what its identity lacks only for the verifier', async () => {
    const taken = await test.join('eve')
    const code = await test.codeFor(eveThere, 'shady')
    const exchange = test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous)
    await expect(exchange).rejects.toThrow(Refusal)
    expect(await codeOf(exchange)).toBe('LINK_REQUIRED')
    expect(await test.audited('SIGN_IN_FAILED')).toMatchObject([{ details: { reason: 'LINK_REQUIRED' } }])
    expect(await test.accounts.identities(taken.principal)).toEqual([])
  })
})

/** The code of one answer with the state of another. */
function mix(search: string, other: string): string {
  const mixed = new URLSearchParams(search)
  mixed.set('code', new URLSearchParams(other).get('code') ?? '')
  return mixed.toString()
}
