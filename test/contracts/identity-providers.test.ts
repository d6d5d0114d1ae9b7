import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isEmailAuthority } from '../../src/adapters/oauth/email-authority.ts'
import { isPublicAddress } from '../../src/adapters/oauth/public-address.ts'
import { openidProviders, type ProviderSettings } from '../../src/adapters/oauth/openid-providers.ts'
import type { IdentityProviders, ProviderChecks } from '../../src/ports/identity-providers.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { type ForgingIssuer, type Forgery, openForgingIssuer } from '../support/forging-issuer.ts'
import { type GithubLike, type GithubPerson, openGithubLike } from '../support/github-like.ts'
import { consentAs, type OidcProvider, openOidcProvider } from '../support/oidc-provider.ts'
import { serveLocally } from '../support/serve-locally.ts'
import { newVisitor } from '../support/visitor.ts'

const redirectUri = 'http://localhost:4000/auth/oauth/any/callback'
const checks: ProviderChecks = {
  state: 'the state',
  nonce: 'the nonce',
  codeVerifier: 'a verifier of the length that RFC 7636 asks for'.replaceAll(' ', '-'),
}

const refused = { code: 'PROVIDER_FAILED', message: 'The identity provider did not confirm the sign-in.' }

/** Providers at addresses of loopback. */
function open(...providers: readonly ProviderSettings[]) {
  const [logger, clock] = [collectingLogger(), fakeClock()]
  const opened = openidProviders({ providers, allowPrivate: true, logger, clock, timeoutSeconds: 2 })
  return { providers: opened, logger, clock }
}

function callback(query: Readonly<Record<string, string>>): URL {
  return new URL(`${redirectUri}?${new URLSearchParams(query)}`)
}

describe('identity providers', () => {
  it('are described by their settings, without their secrets, and nobody else is one', async () => {
    const { providers } = open({
      kind: 'issuer',
      name: 'example',
      displayName: 'Example',
      trustedEmail: false,
      issuer: 'https://login.example.com',
      clientId: 'id',
      clientSecret: 'secret',
    })
    expect(providers.list).toEqual([{ name: 'example', displayName: 'Example', trustedEmail: false }])
    const unknown = { code: 'UNKNOWN_PROVIDER', message: 'No identity provider of that name is set up.' }
    await expect(providers.authorizationUrl('toString', checks, redirectUri)).rejects.toMatchObject(unknown)
    await expect(providers.redeem('other', checks, callback({}), redirectUri)).rejects.toMatchObject(unknown)
  })
})

describe('a certified OpenID provider', () => {
  const people = {
    ada: { email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' },
    eve: { email: 'eve@example.com' },
    nobody: {},
  }
  let provider: OidcProvider
  beforeAll(async () => {
    provider = await openOidcProvider({ redirectUris: () => [redirectUri], people })
  })
  afterAll(() => provider[Symbol.asyncDispose]())

  it('confirms whoever signs in with its forms, with the address from its UserInfo endpoint', async () => {
    const { providers } = open(provider.settings)
    const identities = await Promise.all(
      Object.keys(people).map(async (login) => {
        const address = await providers.authorizationUrl('example', checks, redirectUri)
        const answer = await consentAs(newVisitor(), address, login)
        return providers.redeem('example', checks, answer, redirectUri)
      }),
    )
    expect(identities).toEqual([
      { subject: 'ada', email: 'ada@example.com', emailVerified: true, displayName: 'Ada Lovelace' },
      { subject: 'eve', email: 'eve@example.com', emailVerified: false, displayName: null },
      { subject: 'nobody', email: null, emailVerified: false, displayName: null },
    ])
  })

  it('is asked for a code with state, nonce and an S256 challenge', async () => {
    const { providers } = open(provider.settings)
    const { searchParams } = new URL(await providers.authorizationUrl('example', checks, redirectUri))
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'oidc-client',
      code_challenge: 'bzzUGyF3LZyj9clNq88gLY9dV5bzTBbcRSnNmEmsRxE',
      code_challenge_method: 'S256',
      nonce: 'the nonce',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email profile',
      state: 'the state',
    })
  })

  it.each<[string, (answer: URL) => Partial<ProviderChecks> | void]>([
    ['another state', ({ searchParams }) => searchParams.set('state', 'another')],
    ['no state', ({ searchParams }) => searchParams.delete('state')],
    ['the state twice', ({ searchParams }) => searchParams.append('state', 'the state')],
    ['the iss of another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
    ['no iss, which its metadata promise', ({ searchParams }) => searchParams.delete('iss')],
    ['a code of somebody else’s making', ({ searchParams }) => searchParams.set('code', 'a'.repeat(43))],
    ['no code', ({ searchParams }) => searchParams.delete('code')],
    ['an error', ({ searchParams }) => searchParams.set('error', 'access_denied')],
    ['a token of the implicit flow', ({ searchParams }) => searchParams.set('id_token', 'a.b.c')],
    ['another verifier', () => ({ codeVerifier: 'another-verifier-of-the-length-that-is-asked-for' })],
    ['another nonce', () => ({ nonce: 'another' })],
  ])('confirms nobody for an answer with %s', async (_name, tamper) => {
    const { providers } = open(provider.settings)
    const address = await providers.authorizationUrl('example', checks, redirectUri)
    const answer = await consentAs(newVisitor(), address, 'ada')
    const tampered = { ...checks, ...tamper(answer) }
    await expect(providers.redeem('example', tampered, answer, redirectUri)).rejects.toMatchObject(refused)
  })

  it('confirms nobody a second time for the same answer', async () => {
    const { providers } = open(provider.settings)
    const answer = await consentAs(
      newVisitor(),
      await providers.authorizationUrl('example', checks, redirectUri),
      'ada',
    )
    await providers.redeem('example', checks, answer, redirectUri)
    await expect(providers.redeem('example', checks, answer, redirectUri)).rejects.toMatchObject(refused)
  })
})

describe('an issuer', () => {
  let issuer: ForgingIssuer
  beforeAll(async () => {
    issuer = await openForgingIssuer()
  })
  afterAll(() => issuer[Symbol.asyncDispose]())
  beforeEach(() => {
    issuer.forgery = {}
  })

  const redeem = (providers: IdentityProviders, query: Readonly<Record<string, string>> = {}) =>
    providers.redeem('forging', checks, callback({ code: 'any', state: checks.state, ...query }), redirectUri)

  it('is believed when everything is in order, also with several audiences of which we are the authorized one', async () => {
    const { providers } = open(issuer.settings)
    const ada = { subject: 'subject-1', email: 'ada@example.com', emailVerified: true, displayName: 'Ada' }
    expect(await redeem(providers)).toEqual(ada)
    expect(Object.fromEntries(issuer.form)).toMatchObject({
      grant_type: 'authorization_code',
      code_verifier: checks.codeVerifier,
      redirect_uri: redirectUri,
    })
    issuer.forgery = { claims: { aud: ['client', 'other'], azp: 'client', email_verified: 'true' } }
    expect(await redeem(providers)).toEqual({ ...ada, emailVerified: false })
  })

  it.each<[string, Forgery]>([
    ['no signature', { signature: 'none' }],
    ['a MAC under the client’s secret', { signature: 'secret' }],
    ['the signature of a key that it does not publish', { signature: 'unknown' }],
    ['the signature of a key that is not there', { header: { kid: 'gone' } }],
    ['an embedded key', { signature: 'unknown', header: { kid: 'x', jwk: { kty: 'RSA' } } }],
    ['a critical header', { header: { crit: ['exp'] } }],
    ['the iss of another', { claims: { iss: 'https://evil.example' } }],
    ['no iss', { claims: { iss: undefined } }],
    ['the aud of another', { claims: { aud: 'other' } }],
    ['several aud without azp', { claims: { aud: ['client', 'other'] } }],
    ['several aud with the azp of another', { claims: { aud: ['client', 'other'], azp: 'other' } }],
    ['the azp of another', { claims: { azp: 'other' } }],
    ['an exp that is over', { claims: { exp: 1_000_000_000 } }],
    ['no exp', { claims: { exp: undefined } }],
    ['no iat', { claims: { iat: undefined } }],
    ['another nonce', { claims: { nonce: 'another' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['no sub', { claims: { sub: undefined } }],
    ['an empty sub', { claims: { sub: '' } }],
    ['a sub of 256 characters', { claims: { sub: 's'.repeat(256) } }],
    ['no ID token', { withoutToken: true }],
  ])('is not believed with %s', async (_name, forgery) => {
    const { providers, logger } = open(issuer.settings)
    issuer.forgery = forgery
    await expect(redeem(providers)).rejects.toMatchObject(refused)
    // The log says why, and holds nothing that could be used.
    const log = JSON.stringify(logger.lines)
    expect(logger.lines).toHaveLength(1)
    for (const secret of [issuer.settings.clientSecret, 'an access token', checks.codeVerifier, 'eyJ']) {
      expect(log).not.toContain(secret)
    }
  })

  it.each<[string, Forgery]>([
    ['is of another issuer', { metadata: { issuer: 'https://evil.example' } }],
    ['names no authorization endpoint', { metadata: { authorization_endpoint: undefined } }],
    ['is no JSON', { answers: { '/.well-known/openid-configuration': (_, response) => response.end('<html>') } }],
    [
      'is behind a redirect',
      {
        answers: {
          '/.well-known/openid-configuration': (_, response) =>
            response.writeHead(302, { location: '/elsewhere' }).end(),
        },
      },
    ],
    [
      'has no end',
      {
        answers: {
          '/.well-known/openid-configuration': (_, response) => {
            response.writeHead(200, { 'content-type': 'application/json' })
            response.write(`{"issuer":"${'x'.repeat(600_000)}`)
          },
        },
      },
    ],
  ])('is not asked when its description %s', async (_name, forgery) => {
    const { providers } = open(issuer.settings)
    issuer.forgery = forgery
    const before = issuer.asked.length
    await expect(providers.authorizationUrl('forging', checks, redirectUri)).rejects.toMatchObject(refused)
    expect(issuer.asked.slice(before)).toEqual(['/.well-known/openid-configuration'])
    // What did not work is not kept.
    issuer.forgery = {}
    expect(await providers.authorizationUrl('forging', checks, redirectUri)).toContain('/authorize?')
  })

  it('is not waited for: what takes longer than the deadline has failed, also when it drips', async () => {
    const { providers } = open(issuer.settings)
    const silent = () => {}
    for (const answer of [silent, drip]) {
      issuer.forgery = { answers: { '/token': answer } }
      const start = performance.now()
      await expect(redeem(providers)).rejects.toMatchObject(refused)
      const seconds = (performance.now() - start) / 1000
      expect(seconds).toBeGreaterThan(1.9)
      expect(seconds).toBeLessThan(5)
    }
  })

  it('is not followed when it redirects a request that carries the client’s secret', async () => {
    const { providers } = open(issuer.settings)
    await using elsewhere = await serveLocally(() => expect.unreachable('The secret was sent elsewhere.'))
    issuer.forgery = {
      answers: { '/token': (_, response) => response.writeHead(307, { location: `${elsewhere.origin}/token` }).end() },
    }
    await expect(redeem(providers)).rejects.toMatchObject(refused)
  })

  it('is asked for its description once an hour, however many ask', async () => {
    const { providers, clock } = open(issuer.settings)
    const asked = () => issuer.asked.filter((path) => path.includes('well-known')).length
    const before = asked()
    await Promise.all(Array.from({ length: 5 }, () => providers.authorizationUrl('forging', checks, redirectUri)))
    clock.advance(59 * 60_000)
    await redeem(providers)
    expect(asked()).toBe(before + 1)
    clock.advance(60_000)
    await redeem(providers)
    expect(asked()).toBe(before + 2)
  })

  it('gets the secret in the way that it asks for', async () => {
    const { issuer: address, clientId, clientSecret } = issuer.settings
    for (const [methods, isPost] of [
      [undefined, false],
      [['client_secret_basic', 'client_secret_post'], false],
      [['client_secret_post'], true],
    ] as const) {
      issuer.forgery = { metadata: { token_endpoint_auth_methods_supported: methods } }
      const { providers } = open({ ...issuer.settings, issuer: address, clientId, clientSecret })
      await redeem(providers)
      expect(issuer.form.get('client_secret')).toBe(isPost ? clientSecret : null)
    }
  })

  it.each([
    ['https://accounts.google.com', { email: 'ada@gmail.com' }, true],
    ['https://accounts.google.com', { email: 'ada@example.com', hd: 'example.com' }, true],
    ['https://accounts.google.com', { email: 'ada@example.com' }, false],
    ['https://accounts.google.com', { email: 'ada@example.com', hd: '' }, false],
    ['https://accounts.google.com', { email: 'ada@notgmail.com' }, false],
    ['https://login.example.com', { email: 'ada@example.com' }, true],
  ])('%s is an authority for %j: %s', (address, claims, expected) => {
    expect(isEmailAuthority(address, claims)).toBe(expected)
  })
})

/** One byte after the other, for ever. */
function drip(_request: unknown, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 100)
  response.once('close', () => clearInterval(timer))
}

describe('a server like GitHub', () => {
  const ada: GithubPerson = {
    id: 4711,
    login: 'ada',
    name: 'Ada',
    emails: [
      { email: 'old@example.com', primary: false, verified: true },
      { email: 'ada@example.com', primary: true, verified: true },
    ],
  }
  let github: GithubLike
  beforeAll(async () => {
    github = await openGithubLike(ada)
  })
  afterAll(() => github[Symbol.asyncDispose]())

  /** Goes there and brings the answer back. */
  async function visit(providers: IdentityProviders): Promise<URL> {
    const address = await providers.authorizationUrl('github', checks, redirectUri)
    return (await newVisitor().go(address, { stop: ({ pathname }) => pathname.startsWith('/auth/') })).url
  }

  it.each<[string, Partial<GithubPerson>, object]>([
    [
      'a number, a name and a primary address',
      {},
      { subject: '4711', email: 'ada@example.com', emailVerified: true, displayName: 'Ada' },
    ],
    ['no name', { name: null }, { displayName: 'ada' }],
    [
      'a primary address that it has not confirmed',
      { emails: [{ email: 'ada@example.com', primary: true, verified: false }] },
      { email: null, emailVerified: false },
    ],
    [
      'confirmed addresses of which none is primary',
      { emails: [{ email: 'ada@example.com', primary: false, verified: true }] },
      { email: null, emailVerified: false },
    ],
    ['no addresses', { emails: [] }, { email: null, emailVerified: false }],
  ])('confirms somebody with %s', async (_name, person, expected) => {
    const { providers } = open(github.settings)
    github.person = { ...ada, ...person }
    expect(await providers.redeem('github', checks, await visit(providers), redirectUri)).toMatchObject(expected)
  })

  it.each<[string, (answer: URL) => Partial<ProviderChecks> | void]>([
    ['another state', ({ searchParams }) => searchParams.set('state', 'another')],
    ['another code', ({ searchParams }) => searchParams.set('code', 'another')],
    ['the iss of another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
    ['another verifier', () => ({ codeVerifier: 'another-verifier-of-the-length-that-is-asked-for' })],
  ])('confirms nobody for an answer with %s', async (_name, tamper) => {
    const { providers } = open(github.settings)
    const answer = await visit(providers)
    const tampered = { ...checks, ...tamper(answer) }
    await expect(providers.redeem('github', tampered, answer, redirectUri)).rejects.toMatchObject(refused)
  })

  it('confirms nobody whose account has no number', async () => {
    const { providers } = open(github.settings)
    github.person = { ...ada, id: '4711' as never }
    const answer = await visit(providers)
    await expect(providers.redeem('github', checks, answer, redirectUri)).rejects.toMatchObject(refused)
  })
})

describe('providers within the network', () => {
  it.each(['http://127.0.0.1', 'https://127.0.0.1', 'https://localhost', 'https://[::1]', 'https://2130706433'])(
    'are not reached without leave: %s',
    async (origin) => {
      const logger = collectingLogger()
      await using server = await serveLocally(() => expect.unreachable('It was reached.'))
      const issuer = `${origin}:${new URL(server.origin).port}`
      const settings = { kind: 'issuer', name: 'inner', displayName: 'Inner', trustedEmail: false } as const
      const providers = openidProviders({
        providers: [{ ...settings, issuer, clientId: 'id', clientSecret: 'secret' }],
        allowPrivate: false,
        logger,
        clock: fakeClock(),
      })
      await expect(providers.authorizationUrl('inner', checks, redirectUri)).rejects.toMatchObject(refused)
      expect(JSON.stringify(logger.lines)).toMatch(/OAUTH_ALLOW_PRIVATE allows those|only requests to HTTPS/)
    },
  )
})

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('is public only on the internet: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each([
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '140.82.121.4',
    '2606:4700::1111',
    '2a00:1450::1',
  ])('of the internet is public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})
