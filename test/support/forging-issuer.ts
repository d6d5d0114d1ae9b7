import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IssuerSettings } from '../../src/adapters/oauth/issuer-provider.ts'
import { type LocalServer, serveLocally } from './serve-locally.ts'

/** What an issuer may do that it should not. What is left out is in order. */
export interface Forgery {
  /** Over the claims of the ID token; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  /** What the token is signed with: its own key, one that it does not publish, the client's secret, or nothing. */
  readonly signature?: 'own' | 'unknown' | 'secret' | 'none'
  /** Over the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Instead of the answer at a path. */
  readonly answers?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>
  /** Whether the answer has no ID token at all. */
  readonly withoutToken?: boolean
}

/** An issuer in the hands of an attacker, which takes every code. */
export interface ForgingIssuer extends LocalServer {
  readonly settings: IssuerSettings
  forgery: Forgery
  /** The paths that were asked for. */
  readonly asked: readonly string[]
  /** The last token request. */
  readonly form: URLSearchParams
}

export async function openForgingIssuer(): Promise<ForgingIssuer> {
  const [own, unknown] = [newKeyPair(), newKeyPair()]
  const keys = [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig', alg: 'RS256' }]
  const clientSecret = 'a secret of the client that has 32 bytes or more'
  const asked: string[] = []
  let form = new URLSearchParams()

  function idToken({ claims, header, signature = 'own' }: Forgery): string {
    const now = Math.floor(Date.now() / 1000)
    const payload = {
      iss: server.origin,
      aud: 'client',
      sub: 'subject-1',
      iat: now,
      exp: now + 300,
      nonce: 'the nonce',
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada',
      ...claims,
    }
    const alg = { own: 'RS256', unknown: 'RS256', secret: 'HS256', none: 'none' }[signature]
    const signed = `${encode({ alg, kid: 'own', ...header })}.${encode(payload)}`
    if (signature === 'none') return `${signed}.`
    const bytes =
      signature === 'secret'
        ? createHmac('sha256', clientSecret).update(signed).digest()
        : sign('RSA-SHA256', Buffer.from(signed), { own, unknown }[signature].privateKey)
    return `${signed}.${bytes.toString('base64url')}`
  }

  const server = await serveLocally(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://issuer')
    asked.push(pathname)
    const { forgery } = issuer
    const instead = forgery.answers?.[pathname]
    if (instead !== undefined) return instead(request, response)
    const json = (value: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (pathname === '/.well-known/openid-configuration') return json({ ...metadata(), ...forgery.metadata })
    if (pathname === '/keys') return json({ keys })
    if (pathname !== '/token') return response.writeHead(404).end()
    form = new URLSearchParams(await text(request))
    const tokens = { access_token: 'an access token', token_type: 'bearer' }
    return json(forgery.withoutToken === true ? tokens : { ...tokens, id_token: idToken(forgery) })
  })

  const metadata = () => ({
    issuer: server.origin,
    authorization_endpoint: `${server.origin}/authorize`,
    token_endpoint: `${server.origin}/token`,
    jwks_uri: `${server.origin}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
  })

  const issuer: ForgingIssuer = {
    ...server,
    settings: {
      kind: 'issuer',
      name: 'forging',
      displayName: 'Forging',
      trustedEmail: true,
      issuer: server.origin,
      clientId: 'client',
      clientSecret,
    },
    forgery: {},
    asked,
    get form() {
      return form
    },
  }
  return issuer
}

function newKeyPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
