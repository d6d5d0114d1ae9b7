import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { sha256 } from '../../../src/core/secrets.ts'
import type { ObservedContext } from '../../../src/server/operation.ts'
import type { OpenContext } from '../../../src/server/request-context.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import { type GithubLike, openGithubLike } from '../../support/github-like.ts'
import { send } from '../../support/http/requests.ts'
import { consentAs, type OidcPerson, type OidcProvider, openOidcProvider } from '../../support/oidc-provider.ts'
import { openTestDoor } from '../../support/http/test-door.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { newVisitor, type Visit, type Visitor } from '../../support/visitor.ts'
import { openApi } from '../open-api.ts'

const nativeApp = 'com.example.app:/signed-in'
const codeVerifier = 'a-verifier-that-only-the-program-knows-0123456789'
const codeChallenge = sha256(codeVerifier)

/** Who can sign in at the provider. */
const people: Record<string, OidcPerson> = {}

let oidc: OidcProvider
let github: GithubLike
let app: App
beforeAll(async () => {
  oidc = await openOidcProvider({ people, redirectUris: () => [`${app.url}/auth/oauth/example/callback`] })
  github = await openGithubLike({ id: 1, login: 'x', name: null, emails: [] })
  const oauth = { providers: [oidc.settings, github.settings], redirects: [nativeApp], allowPrivate: true }
  app = await openTestApp({ oauth, trustedProxies: ['127.0.0.1'] })
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await oidc[Symbol.asyncDispose]()
  await github[Symbol.asyncDispose]()
})

let networks = 0
/** The header of a network of its own, so that no limit is met by chance. */
function elsewhere() {
  networks += 1
  return { 'x-forwarded-for': `198.51.${networks}.1` }
}

let visitor: Visitor
const nextVisitor = () => newVisitor(elsewhere())
beforeEach(() => {
  visitor = nextVisitor()
})

let count = 0
/** The login of somebody new at the provider. */
function newPerson(person: OidcPerson = {}): string {
  count += 1
  const login = `person${count}`
  people[login] = { email: `${login}@example.com`, email_verified: true, name: 'Ada', ...person }
  return login
}

const port = () => Number(new URL(app.url).port)
const isBack = ({ pathname, protocol }: URL) => pathname === '/done' || protocol === 'com.example.app:'
const link = (query: Readonly<Record<string, string>>, provider = 'example') =>
  `${app.url}/auth/oauth/${provider}?${new URLSearchParams(query)}`
const fragmentOf = ({ url }: Visit) => Object.fromEntries(new URLSearchParams(url.hash.slice(1)))

/** Up to the provider's answer. */
const comeBack = (login: string, start = link({ redirectTo: '/done' })) => consentAs(visitor, start, login)

/** The whole way through the provider's forms. */
const signIn = async (login: string) => visitor.go(await comeBack(login), { stop: isBack })

/** What GraphQL answers to a page of the visitor. */
async function ask(query: string, variables: object = {}, headers: Readonly<Record<string, string>> = {}) {
  const { body } = await visitor.post(`${app.url}/graphql`, { query, variables }, headers)
  return JSON.parse(body)
}

const startSignIn = `mutation ($input: StartOAuthSignInInput!) { startOAuthSignIn(input: $input) {
  __typename ... on OAuthStarted { authorizationUrl } ... on Error { code message }
} }`
const exchange = `mutation ($input: OAuthCodeInput!) { exchangeOAuthCode(input: $input) {
  __typename ... on SignInSuccess { user { email } tokens { accessToken } } ... on Error { code }
} }`
const startLink = `mutation ($input: StartIdentityLinkInput!) { startIdentityLink(input: $input) {
  __typename ... on OAuthStarted { authorizationUrl } ... on Error { code }
} }`
const signUp = `mutation ($email: String!, $delivery: Delivery!) {
  signUp(input: { email: $email, password: "violet hum table 7", displayName: "Ada", delivery: $delivery }) {
    __typename ... on SignInSuccess { tokens { accessToken } }
  }
}`

describe('a browser', () => {
  it('is signed in by following a link, through the forms of the provider', async () => {
    const login = newPerson()
    const back = await comeBack(login)
    const landed = await visitor.go(back, { stop: isBack })
    expect([landed.url.href, landed.status]).toEqual([`${app.url}/done`, 302])
    expect(await ask('{ me { email } }')).toEqual({ data: { me: { email: `${login}@example.com` } } })
    // The session goes its own way: nothing of it is in the answer itself.
    expect(landed.body).toBe('')
    const [line = '', ...others] = landed.headers.getSetCookie()
    expect(line).toMatch(/^millrace=ses_[^;]+; Max-Age=\d+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/)
    expect(others).toEqual([])
    expect(landed.headers.get('cache-control')).toBe('no-store')
    expect(landed.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('is signed in by what a page asked for', async () => {
    const login = newPerson()
    const input = { provider: 'example', redirectTo: '/done?next=1' }
    const { data } = await ask(startSignIn, { input })
    const address = data.startOAuthSignIn.authorizationUrl
    expect(new URL(address).origin).toBe(oidc.origin)
    const landed = await visitor.go(await comeBack(login, address), { stop: isBack })
    expect(landed.url.href).toBe(`${app.url}/done?next=1`)
    expect(await ask('{ me { email } sessions { current } }')).toEqual({
      data: { me: { email: `${login}@example.com` }, sessions: [{ current: true }] },
    })
  })

  it('is signed in by GitHub', async () => {
    const emails = [{ email: 'octocat@example.com', primary: true, verified: true }]
    github.person = { id: 583231, login: 'octocat', name: 'The Octocat', emails }
    await visitor.go(link({ redirectTo: '/done' }, 'github'), { stop: isBack })
    const { data } = await ask('{ me { email displayName } identities { provider providerName email } }')
    expect(data).toEqual({
      me: { email: 'octocat@example.com', displayName: 'The Octocat' },
      identities: [{ provider: 'github', providerName: 'GitHub', email: 'octocat@example.com' }],
    })
  })

  it('is told when somebody cancels there', async () => {
    const page = await visitor.go(link({ redirectTo: '/done' }))
    const cancel = /href="([^"]*)">\[ Cancel \]/.exec(page.body)?.[1] ?? ''
    const landed = await visitor.go(new URL(cancel, page.url), { stop: isBack })
    expect(fragmentOf(landed)).toEqual({ error: 'PROVIDER_FAILED' })
    expect(landed.headers.getSetCookie()).toEqual([])
  })

  it('that did not begin it gets nothing of a sign-in', async () => {
    const back = await comeBack(newPerson())
    const other = nextVisitor()
    const landed = await other.go(back, { stop: ({ hash }) => hash !== '' })
    expect(landed.url.href).toBe(`${app.url}/#error=INVALID_CHALLENGE`)
    expect(landed.headers.getSetCookie()).toEqual([])
    // Also if it has begun another one.
    await other.go(link({ redirectTo: '/done' }), { stop: ({ origin }) => origin === oidc.origin })
    expect(fragmentOf(await other.go(back, { stop: ({ hash }) => hash !== '' }))).toEqual({
      error: 'INVALID_CHALLENGE',
    })
  })

  it('gets one session for one answer of the provider', async () => {
    const back = await comeBack(newPerson())
    const stop = ({ pathname }: URL) => pathname === '/done' || pathname === '/'
    const landed = await Promise.all(Array.from({ length: 5 }, () => visitor.go(back, { stop })))
    const worked = landed.filter(({ headers }) => headers.getSetCookie().some((line) => line.startsWith('millrace=')))
    expect(worked).toHaveLength(1)
    expect(await ask('{ sessions { current } }')).toEqual({ data: { sessions: [{ current: true }] } })
  })

  it.each<[string, (back: URL) => void]>([
    ['the iss of another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
    ['another code', ({ searchParams }) => searchParams.set('code', 'a'.repeat(43))],
    ['the state twice', ({ searchParams }) => searchParams.append('state', 'another')],
  ])('is not signed in by an answer with %s', async (_name, tamper) => {
    const back = await comeBack(newPerson())
    tamper(back)
    const landed = await visitor.go(back, { stop: isBack })
    expect(fragmentOf(landed)).toEqual({ error: 'PROVIDER_FAILED' })
    expect(landed.headers.getSetCookie()).toEqual([])
  })

  it('is not let into an account by an address that the provider has not checked', async () => {
    const email = 'taken@example.com'
    await ask(signUp, { email, delivery: 'COOKIE' })
    const landed = await signIn(newPerson({ email, email_verified: false }))
    expect(fragmentOf(landed)).toEqual({ error: 'LINK_REQUIRED' })
  })

  it('is led back with the code of the refusal when the provider cannot be asked', async () => {
    const away = { ...oidc.settings, name: 'away', issuer: 'http://127.0.0.1:1' }
    await using other = await openTestApp({ oauth: { providers: [away], redirects: [], allowPrivate: true } })
    const landed = await visitor.go(`${other.url}/auth/oauth/away?redirectTo=/done`, { stop: isBack })
    expect(landed.url.href).toBe(`${other.url}/done#error=PROVIDER_FAILED`)
  })

  it('is bound by a cookie of this host alone where the server is reached over https', async () => {
    let device: string | null = null
    const accounts = {
      openOAuth: async (_input: unknown, client: ClientInfo) => {
        device = client.device
        return { address: 'https://provider.example/authorize', signedIn: null }
      },
    }
    const openContext: OpenContext = async (facts) =>
      // Of a context the door reads no more than this.
      ({ ...facts, principal: anonymous, services: { accounts } }) as unknown as ObservedContext
    await using server = await openTestDoor({ publicUrl: 'https://api.example.com', door: { openContext } })
    const answer = await send(server.port, { path: '/auth/oauth/example', headers: { host: 'api.example.com' } })
    const [line = ''] = answer.headers['set-cookie'] ?? []
    expect(line).toMatch(
      /^__Host-millrace-device=[\w-]{43}; Max-Age=\d+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(device).toBe(sha256(/=([\w-]{43});/.exec(line)?.[1] ?? ''))
    expect([answer.status, answer.headers.location]).toEqual([302, 'https://provider.example/authorize'])
  })
})

describe('the way to a provider', () => {
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    send(port(), { method, path, headers: { ...elsewhere(), ...headers } })
  const start = `/auth/oauth/github?redirectTo=/done`

  it.each([
    ['none', null, 302],
    ['its own', 'same-origin', 302],
    ['its own site', 'same-site', 302],
    ['the address bar', 'none', 302],
    ['another site', 'cross-site', 403],
    ['who knows where', 'elsewhere', 403],
  ])('is open to a page of %s', async (_name, site, status) => {
    const answer = await get(start, site === null ? {} : { 'sec-fetch-site': site })
    expect(answer.status).toBe(status)
    expect(answer.headers['set-cookie']?.length ?? 0).toBe(status === 302 ? 1 : 0)
  })

  it('is open to every page that can do nothing with what comes of it', async () => {
    const answer = await get(`${start}&codeChallenge=${codeChallenge}`, { 'sec-fetch-site': 'cross-site' })
    expect(answer.status).toBe(302)
  })

  it.each(['HEAD', 'POST', 'PUT', 'DELETE'])('and back takes no %s, and is not used up by it', async (method) => {
    const back = await comeBack(newPerson())
    for (const path of [start, back.pathname + back.search]) {
      const answer = await get(path, { 'sec-fetch-site': 'same-origin', origin: app.url }, method)
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET'])
    }
    expect((await visitor.go(back, { stop: isBack })).url.href).toBe(`${app.url}/done`)
  })

  it.each([
    ['/auth/oauth/', 404, 'NOT_FOUND'],
    ['/auth/oauth/nobody', 404, 'UNKNOWN_PROVIDER'],
    ['/auth/oauth/__proto__', 404, 'UNKNOWN_PROVIDER'],
    ['/auth/oauth/github/', 404, 'NOT_FOUND'],
    ['/auth/oauth/github/callback/', 404, 'NOT_FOUND'],
    ['/auth/oauth/github/other', 404, 'NOT_FOUND'],
    ['/auth/oauth/github?redirectTo=//evil.example', 400, 'INVALID_INPUT'],
    ['/auth/oauth/github?redirectTo=https://evil.example', 400, 'INVALID_INPUT'],
    ['/auth/oauth/github?redirectTo=/%5Cevil.example', 400, 'INVALID_INPUT'],
    ['/auth/oauth/github?redirectTo=/%09/evil.example', 400, 'INVALID_INPUT'],
    ['/auth/oauth/github?redirectTo=javascript:alert(1)', 400, 'INVALID_INPUT'],
    ['/auth/oauth/github?redirectTo=/a&redirectTo=/b', 400, 'BAD_REQUEST'],
    ['/auth/oauth/github?codeChallenge=x', 400, 'INVALID_INPUT'],
  ])('is no way anywhere else: %s', async (path, status, code) => {
    const answer = await get(path)
    expect([answer.status, answer.headers.location]).toEqual([status, undefined])
    expect(answer.json().errors?.[0]?.extensions['code']).toBe(code)
  })

  it('is counted', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.99' }
    for (let i = 0; i < attemptLimits.oauthByNetwork.attempts; i += 1) await get(start, headers)
    const answer = await get(start, headers)
    expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([429, true])
    expect((await get('/auth/oauth/github/callback?state=x', headers)).status).toBe(429)
  })
})

describe('a program', () => {
  it('gets tokens for the code that the browser brings to its address', async () => {
    const login = newPerson()
    const program = nextVisitor()
    const input = { provider: 'example', redirectTo: nativeApp, delivery: 'TOKENS', codeChallenge }
    const started = await program.post(`${app.url}/graphql`, { query: startSignIn, variables: { input } })
    const address = JSON.parse(started.body).data.startOAuthSignIn.authorizationUrl
    expect(started.headers.getSetCookie()).toEqual([])
    // The browser is another program, and comes without a cookie.
    const landed = await visitor.go(await comeBack(login, address), { stop: isBack })
    expect(landed.url.href).toMatch(/^com\.example\.app:\/signed-in\?code=ott_/)
    expect(landed.headers.getSetCookie()).toEqual([])
    const code = landed.url.searchParams.get('code')
    const exchanged = await program.post(`${app.url}/graphql`, {
      query: exchange,
      variables: { input: { code, codeVerifier } },
    })
    const { user, tokens } = JSON.parse(exchanged.body).data.exchangeOAuthCode
    expect(user).toEqual({ email: `${login}@example.com` })
    const bearer = { authorization: `Bearer ${tokens.accessToken}` }
    expect(await ask('{ me { email } }', {}, bearer)).toEqual({ data: { me: user } })
    expect(exchanged.headers.getSetCookie()).toEqual([])
    const again = await ask(exchange, { input: { code, codeVerifier } })
    expect(again.data.exchangeOAuthCode).toEqual({ __typename: 'InvalidTokenError', code: 'INVALID_TOKEN' })
  })

  it('tries one code an operation', async () => {
    const one = `exchangeOAuthCode(input: { code: "x", codeVerifier: "y" }) { __typename }`
    const { errors } = await ask(`mutation { a: ${one} b: ${one} }`)
    expect(errors[0].extensions.code).toBe('TOO_MANY_CREDENTIAL_FIELDS')
  })

  it('links an account at a provider by a code, too', async () => {
    const { data } = await ask(signUp, { email: 'native@example.com', delivery: 'TOKENS' })
    const bearer = { authorization: `Bearer ${data.signUp.tokens.accessToken}` }
    const input = { provider: 'example', redirectTo: nativeApp, codeChallenge }
    const started = await ask(startLink, { input }, bearer)
    visitor = nextVisitor()
    const back = await comeBack(newPerson(), started.data.startIdentityLink.authorizationUrl)
    const landed = await visitor.go(back, { stop: isBack })
    const finish = `mutation ($input: OAuthCodeInput!) { finishIdentityLink(input: $input) {
      ... on IdentityLinked { identity { provider } } ... on Error { code }
    } }`
    const code = landed.url.searchParams.get('code')
    const finished = await ask(finish, { input: { code, codeVerifier } }, bearer)
    expect(finished.data.finishIdentityLink).toEqual({ identity: { provider: 'example' } })
    expect((await ask('{ identities { provider } }', {}, bearer)).data.identities).toEqual([{ provider: 'example' }])
  })
})

describe('a page of somebody who is signed in', () => {
  const unlink = `mutation ($id: ID!) { unlinkIdentity(id: $id) {
    __typename ... on IdentityUnlinked { identity { id } } ... on Error { code message }
  } }`

  it('links an account at a provider, and unlinks it again', async () => {
    await ask(signUp, { email: 'linking@example.com', delivery: 'COOKIE' })
    const { data } = await ask(startLink, { input: { provider: 'example', redirectTo: '/done' } })
    const back = await comeBack(newPerson(), data.startIdentityLink.authorizationUrl)
    expect(fragmentOf(await visitor.go(back, { stop: isBack }))).toEqual({ linked: 'example' })
    const linked = (await ask('{ identities { id } me { email } }')).data
    expect(linked).toEqual({ identities: [{ id: expect.any(String) }], me: { email: 'linking@example.com' } })
    const unlinked = await ask(unlink, linked.identities[0])
    expect(unlinked.data.unlinkIdentity).toMatchObject({
      __typename: 'IdentityUnlinked',
      identity: linked.identities[0],
    })
  })

  it('keeps the last way in', async () => {
    await signIn(newPerson())
    const { data } = await ask('{ identities { id } }')
    expect((await ask(unlink, data.identities[0])).data.unlinkIdentity).toEqual({
      __typename: 'LastWayInError',
      code: 'LAST_WAY_IN',
      message: 'Without it you could not sign in any more: set a password or add a passkey first.',
    })
  })

  it.each([
    [{ provider: 'none', redirectTo: '/' }, 'UNKNOWN_PROVIDER'],
    [{ provider: 'example', redirectTo: '//evil.example' }, 'INVALID_INPUT'],
    [{ provider: 'example', redirectTo: '/', delivery: 'TOKENS' }, 'INVALID_INPUT'],
  ])('is refused what could not work: %j', async (input, code) => {
    expect((await ask(startSignIn, { input })).data.startOAuthSignIn.code).toBe(code)
  })

  it('is refused links without a session', async () => {
    const { errors } = await ask(startLink, { input: { provider: 'example', redirectTo: '/' } })
    expect(errors[0].extensions.code).toBe('UNAUTHENTICATED')
  })
})

describe('a connection that cannot set a cookie', () => {
  it('begins no sign-in that needs one', async () => {
    await using api = await openApi({ OAUTH_GITHUB_CLIENT_ID: 'id', OAUTH_GITHUB_CLIENT_SECRET: 'secret' })
    const socket = api.client({ cookies: false })
    const refused = await socket.run(startSignIn, { input: { provider: 'github', redirectTo: '/' } })
    expect(refused.errors[0]?.extensions['code']).toBe('BAD_REQUEST')
    const input = { provider: 'github', redirectTo: '/', delivery: 'TOKENS', codeChallenge }
    expect((await socket.run(startSignIn, { input })).data).toMatchObject({
      startOAuthSignIn: { __typename: 'OAuthStarted' },
    })
  })
})
