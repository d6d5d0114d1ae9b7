import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type IDToken,
  type ServerMetadata,
} from 'openid-client'
import type { Clock } from '../../core/clock.ts'
import type { ProviderDescription, ProviderIdentity } from '../../ports/identity-providers.ts'
import { isEmailAuthority } from './email-authority.ts'
import type { Provider } from './provider.ts'
import { connect, insecure, type ProviderConnection } from './provider-connection.ts'
import { refreshed } from './refreshed.ts'

/** An OpenID Connect issuer. */
export interface IssuerSettings extends ProviderDescription {
  readonly kind: 'issuer'
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/** What an ID token may be signed with: asymmetric only, so that nobody who knows the client secret can make one (RFC 8725 §3.1). */
const signatures = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA']

/** How long the issuer's own description is believed. Its keys are read anew every five minutes, or for a new key id. */
const discoveryMs = 60 * 60 * 1000

/** OpenID Connect Core 1.0, the code flow with PKCE and nonce. */
export function issuerProvider(settings: IssuerSettings, connection: ProviderConnection, clock: Clock): Provider {
  const discovered = refreshed(() => discover(settings, connection), discoveryMs, clock)

  return {
    async authorizationUrl({ state, nonce, codeVerifier }, redirectUri) {
      return buildAuthorizationUrl(await discovered(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },

    async redeem({ state, nonce, codeVerifier }, answer) {
      const configuration = await discovered()
      const tokens = await authorizationCodeGrant(configuration, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      })
      const idToken = tokens.claims()
      if (idToken === undefined) throw new TypeError('There is no ID token.')
      if (idToken.azp !== undefined && idToken.azp !== settings.clientId) {
        throw new TypeError('The ID token was made for another client (azp).')
      }
      return identityOf(settings, await withEmail(configuration, idToken, tokens.access_token))
    },
  }
}

/** Reads the issuer's metadata, which must be of that very issuer, and makes a client of it. */
async function discover(settings: IssuerSettings, connection: ProviderConnection): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = settings
  const found = await discovery(new URL(issuer), clientId, undefined, undefined, {
    [customFetch]: connection.fetch,
    timeout: connection.timeoutSeconds,
    execute: insecure(connection),
  })
  const metadata: ServerMetadata = { ...found.serverMetadata() }
  // openid-client lets some issuers of Microsoft speak for all of their tenants.
  if (new URL(metadata.issuer).href !== new URL(issuer).href) throw new TypeError('The issuer calls itself another.')
  const { authorization_endpoint: authorize, token_endpoint: token, jwks_uri: keys } = metadata
  if (authorize === undefined || token === undefined || keys === undefined)
    throw new TypeError('An endpoint is missing.')
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256']
  const server = {
    ...metadata,
    id_token_signing_alg_values_supported: offered.filter((alg) => signatures.includes(alg)),
  }
  const configuration = new Configuration(server, clientId, undefined, authentication(metadata, clientSecret))
  // TLS alone would do for a token that comes straight from the issuer; the signature is checked all the same.
  enableNonRepudiationChecks(configuration)
  return connect(configuration, connection)
}

/** How the issuer wants the secret: in a header unless it says otherwise (OpenID Connect Discovery §3). */
function authentication({ token_endpoint_auth_methods_supported: methods }: ServerMetadata, clientSecret: string) {
  const isPost = methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic')
  return isPost ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret)
}

/** The claims with those of the UserInfo endpoint where the ID token tells no address (OpenID Connect Core §5.4). */
async function withEmail(configuration: Configuration, idToken: IDToken, accessToken: string): Promise<IDToken> {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata()
  if (idToken['email'] !== undefined || endpoint === undefined) return idToken
  const { email, email_verified, name } = await fetchUserInfo(configuration, accessToken, idToken.sub)
  return { ...idToken, ...(email && { email }), email_verified: email_verified ?? false, ...(name && { name }) }
}

/** OpenID Connect Core §2. */
const maxSubject = 255

function identityOf({ issuer }: IssuerSettings, claims: IDToken): ProviderIdentity {
  const { sub, email, email_verified: verified, name, hd } = claims
  if (sub === '' || sub.length > maxSubject) throw new TypeError('The subject is empty or too long.')
  return {
    subject: sub,
    email: typeof email === 'string' ? email : null,
    emailVerified: verified === true && isEmailAuthority(issuer, { email, hd }),
    displayName: typeof name === 'string' ? name : null,
  }
}
