import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  Configuration,
  fetchProtectedResource,
} from 'openid-client'
import { isJsonObject } from '../../core/json-object.ts'
import type { ProviderDescription } from '../../ports/identity-providers.ts'
import type { Provider } from './provider.ts'
import { connect, type ProviderConnection } from './provider-connection.ts'

/** GitHub, which speaks OAuth 2 without ID tokens. */
export interface GithubSettings extends ProviderDescription {
  readonly kind: 'github'
  readonly clientId: string
  readonly clientSecret: string
  /** Where people sign in, and where programs ask; without slashes at the end. */
  readonly site: string
  readonly api: string
}

/** https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
export function githubProvider(settings: GithubSettings, connection: ProviderConnection): Provider {
  const { site, api, clientId, clientSecret } = settings
  const oauth = `${site}/login/oauth`
  const server = {
    issuer: oauth,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/access_token`,
  }
  const configuration = new Configuration(server, clientId, undefined, ClientSecretPost(clientSecret))
  connect(configuration, connection)

  async function read(accessToken: string, path: string): Promise<unknown> {
    const headers = new Headers({ accept: 'application/vnd.github+json' })
    const url = new URL(`${api}${path}`)
    const response = await fetchProtectedResource(configuration, accessToken, url, 'GET', undefined, headers)
    if (!response.ok) throw new TypeError(`GitHub answered ${path} with status ${response.status}.`)
    return response.json()
  }

  return {
    async authorizationUrl({ state, codeVerifier }, redirectUri) {
      return buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'read:user user:email',
        state,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },

    async redeem({ state, codeVerifier }, answer) {
      const checks = { expectedState: state, pkceCodeVerifier: codeVerifier }
      const { access_token: accessToken } = await authorizationCodeGrant(configuration, answer, checks)
      const account = await read(accessToken, '/user')
      if (!isJsonObject(account) || !Number.isSafeInteger(account['id']))
        throw new TypeError('GitHub names no account.')
      const { id, name, login } = account
      // The address of the profile is neither checked nor always there.
      const email = primaryEmail(await read(accessToken, '/user/emails?per_page=100'))
      return {
        // Not the login, which can be changed, and be somebody else's later.
        subject: String(id),
        email,
        emailVerified: email !== null,
        displayName: [name, login].find((text) => typeof text === 'string' && text !== '')?.toString() ?? null,
      }
    },
  }
}

/** The address that GitHub knows to be the account's own; `null` when it has confirmed none. */
function primaryEmail(emails: unknown): string | null {
  if (!Array.isArray(emails)) throw new TypeError('GitHub tells no addresses.')
  const primary: unknown = emails.find((entry) => isJsonObject(entry) && entry['primary'] === true)
  if (!isJsonObject(primary) || primary['verified'] !== true) return null
  return typeof primary['email'] === 'string' ? primary['email'] : null
}
