import { createHash, randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { GithubSettings } from '../../src/adapters/oauth/github-provider.ts'
import { serveLocally } from './serve-locally.ts'

export interface GithubEmail {
  readonly email: string
  readonly primary: boolean
  readonly verified: boolean
}

/** An account there, as its API shows it. */
export interface GithubPerson {
  readonly id: number
  readonly login: string
  readonly name: string | null
  readonly emails: readonly GithubEmail[]
}

/** A server that does as GitHub does, and asks nobody anything: whoever comes is the person that is signed in to it. */
export interface GithubLike extends AsyncDisposable {
  readonly settings: GithubSettings
  person: GithubPerson
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[]
}

interface Grant {
  readonly person: GithubPerson
  readonly challenge: string
  readonly redirectUri: string
}

export async function openGithubLike(person: GithubPerson): Promise<GithubLike> {
  const grants = new Map<string, Grant>()
  const tokens = new Map<string, GithubPerson>()
  const asked: string[] = []
  const client = { clientId: 'github-client', clientSecret: 'github-secret' }

  /** Of the grant that a code was given for, once. */
  function exchange(form: URLSearchParams): object {
    const code = form.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    const verifier = form.get('code_verifier') ?? ''
    if (form.get('client_id') !== client.clientId || form.get('client_secret') !== client.clientSecret) {
      return { error: 'incorrect_client_credentials' }
    }
    const isRight =
      grant?.challenge === createHash('sha256').update(verifier).digest('base64url') &&
      grant.redirectUri === form.get('redirect_uri')
    if (!isRight) return { error: 'bad_verification_code', error_description: 'The code is incorrect or expired.' }
    const token = `gho_${randomBytes(18).toString('base64url')}`
    tokens.set(token, grant.person)
    return { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' }
  }

  const server = await serveLocally(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://github')
    asked.push(url.pathname)
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (url.pathname === '/login/oauth/authorize') {
      const redirectUri = url.searchParams.get('redirect_uri') ?? ''
      const code = randomBytes(12).toString('hex')
      grants.set(code, { person: github.person, challenge: url.searchParams.get('code_challenge') ?? '', redirectUri })
      const back = new URL(redirectUri)
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }).toString()
      return response.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname === '/login/oauth/access_token')
      return json(200, exchange(new URLSearchParams(await text(request))))
    const owner = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (owner === undefined) return json(401, { message: 'Bad credentials' })
    const { emails, ...account } = owner
    if (url.pathname === '/user') return json(200, { ...account, email: 'public-profile@example.com' })
    return url.pathname === '/user/emails' ? json(200, emails) : json(404, { message: 'Not Found' })
  })

  const github = {
    settings: {
      kind: 'github',
      name: 'github',
      displayName: 'GitHub',
      trustedEmail: true,
      ...client,
      site: server.origin,
      api: server.origin,
    } as const,
    person,
    asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return github
}
