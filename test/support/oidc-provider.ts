import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'
import type { IssuerSettings } from '../../src/adapters/oauth/issuer-provider.ts'
import { type LocalServer, serveLocally } from './serve-locally.ts'
import type { Visit, Visitor } from './visitor.ts'

/** What the provider says of somebody; their subject is what they write into its login form. */
export interface OidcPerson {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
}

export interface OidcProviderOptions {
  /** Asked for when the first request comes. */
  readonly redirectUris: () => readonly string[]
  /** May change. */
  readonly people: Readonly<Record<string, OidcPerson>>
}

/** `oidc-provider`, a certified implementation, on loopback, with forms of its own for signing in and consent. */
export interface OidcProvider extends LocalServer {
  readonly settings: IssuerSettings
}

export async function openOidcProvider({ redirectUris, people }: OidcProviderOptions): Promise<OidcProvider> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  let listener: ReturnType<Provider['callback']> | null = null
  const newProvider = (origin: string) =>
    new Provider(origin, {
      clients: [{ client_id: 'oidc-client', client_secret: 'oidc-secret', redirect_uris: [...redirectUris()] }],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
      cookies: { keys: ['a key for cookies'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
      pkce: { required: () => true },
    })
  const server = await serveLocally((request, response) => {
    listener ??= newProvider(server.origin).callback()
    return listener(request, response)
  })
  return {
    ...server,
    settings: {
      kind: 'issuer',
      name: 'example',
      displayName: 'Example',
      trustedEmail: true,
      issuer: server.origin,
      clientId: 'oidc-client',
      clientSecret: 'oidc-secret',
    },
  }
}

/** Goes to the provider's address, signs in and consents in its forms; gives the address that it sends the browser to. */
export async function consentAs(visitor: Visitor, address: string, login: string): Promise<URL> {
  const isCallback = ({ pathname }: URL) => pathname.startsWith('/auth/oauth/')
  let visit: Visit = await visitor.go(address, { stop: isCallback })
  for (let forms = 0; forms < 3 && !isCallback(visit.url); forms += 1) {
    visit = await visitor.submit(visit, { login, password: 'any' }, { stop: isCallback })
  }
  if (!isCallback(visit.url))
    throw new Error(`The provider did not send the browser back: ${visit.status} ${visit.body}`)
  return visit.url
}
