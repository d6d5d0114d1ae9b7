import { openidProviders } from '../../../src/adapters/oauth/openid-providers.ts'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import { sha256 } from '../../../src/core/secrets.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import type { OAuthCallback, OAuthStep } from '../../../src/services/accounts/identities/finish-oauth.ts'
import type { OAuthStartInput } from '../../../src/services/accounts/identities/oauth.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { type GithubLike, type GithubPerson, openGithubLike } from '../../support/github-like.ts'
import type { AccountsOverrides } from './open-accounts.ts'
import { type FactorsUnderTest, openFactors } from './open-factors.ts'
import { browser } from './open-passkeys.ts'

/** Ada's account at the provider. */
export const adaThere: GithubPerson = {
  id: 4711,
  login: 'ada',
  name: 'Ada Lovelace',
  emails: [{ email: 'ada@example.com', primary: true, verified: true }],
}

/** Somebody else's. */
export const eveThere: GithubPerson = {
  id: 666,
  login: 'eve',
  name: 'Eve',
  emails: [{ email: 'eve@example.com', primary: true, verified: true }],
}

export const verifier = 'a-verifier-that-only-the-program-knows-0123456789'
export const codeChallenge = sha256(verifier)
export const nativeApp = 'com.example.app:/signed-in'

/** Who asks, from where. */
interface From {
  readonly client?: ClientInfo
  readonly present?: Principal
}

export interface IdentitiesUnderTest extends FactorsUnderTest {
  readonly github: GithubLike
  /** Begins to sign in with a cookie; gives what the provider's answer will be. */
  begin(input?: Partial<OAuthStartInput>, from?: From): Promise<OAuthCallback>
  /** Goes to the provider's address as that person; gives what it sends the browser back with. */
  visit(address: string, person?: GithubPerson): Promise<OAuthCallback>
  finish(callback: OAuthCallback, from?: From): Promise<OAuthStep>
  /** A whole sign-in with a cookie. */
  comeBy(person: GithubPerson, input?: Partial<OAuthStartInput>, from?: From): Promise<OAuthStep>
  /** A whole way of a program up to the code in the browser. */
  codeFor(person: GithubPerson, provider?: string): Promise<string>
}

/** Accounts with two providers at one server: `github`, whose word on addresses is believed, and `shady`, whose is not. */
export async function openIdentities(overrides: AccountsOverrides = {}): Promise<IdentitiesUnderTest> {
  const github = await openGithubLike(adaThere)
  const shady = { ...github.settings, name: 'shady', displayName: 'Shady', trustedEmail: false }
  const providers = openidProviders({
    providers: [github.settings, shady],
    allowPrivate: true,
    logger: collectingLogger(),
    clock: fakeClock(),
  })
  const test = await openFactors({ providers, ...overrides })
  const { accounts } = test
  const wish: OAuthStartInput = { provider: 'github', redirectTo: '/signed-in', delivery: 'COOKIE' }

  async function visit(address: string, person = adaThere): Promise<OAuthCallback> {
    github.person = person
    const response = await fetch(address, { redirect: 'manual' })
    const { pathname, search } = new URL(response.headers.get('location') ?? '')
    const provider = /^\/auth\/oauth\/([^/]+)\/callback$/.exec(pathname)?.[1] ?? ''
    return { provider, search: search.slice(1) }
  }
  const finish: IdentitiesUnderTest['finish'] = (callback, { client = browser, present = anonymous } = {}) =>
    accounts.finishOAuth(callback, client, present)

  return {
    ...test,
    github,
    visit,
    finish,
    begin: async (input = {}, { client = browser } = {}) =>
      visit(await accounts.startOAuthSignIn({ ...wish, ...input }, client)),

    async comeBy(person, input = {}, from = {}) {
      const address = await accounts.startOAuthSignIn({ ...wish, ...input }, from.client ?? browser)
      return finish(await visit(address, person), from)
    },

    async codeFor(person, provider = 'github') {
      const input = { provider, redirectTo: nativeApp, codeChallenge }
      const { address } = await accounts.openOAuth(input, browser)
      const step = await finish(await visit(address, person))
      return new URL(step.address).searchParams.get('code') ?? ''
    },

    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await github[Symbol.asyncDispose]()
    },
  }
}

/** What a page reads in the fragment of the address that it was led back to. */
export function fragmentOf({ address }: OAuthStep): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(new URL(address).hash.slice(1)))
}
