/**
 * Signs in by an identity provider as a program does whose user has a browser (RFC 8252), and prints who that is:
 *
 *   node examples/accounts/provider-sign-in.ts github
 *
 * The server must allow the address that the browser comes back to: OAUTH_REDIRECTS=http://127.0.0.1:8765
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'
const redirectTo = process.env['REDIRECT_TO'] ?? 'http://127.0.0.1:8765'
const [provider = 'github'] = process.argv.slice(2)

// Whoever catches the code on its way through the browser has no use for it: only this program knows the verifier.
const codeVerifier = randomBytes(32).toString('base64url')
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')

const { authorizationUrl } = await post(
  `mutation ($input: StartOAuthSignInInput!) {
    result: startOAuthSignIn(input: $input) {
      ... on OAuthStarted { authorizationUrl }
      ... on Error { code message }
    }
  }`,
  { input: { provider, redirectTo, delivery: 'TOKENS', codeChallenge } },
)
console.log(`Open this address in a browser, within ten minutes:\n${authorizationUrl}`)

const code = await comingBack()
const { user } = await post(
  `mutation ($input: OAuthCodeInput!) {
    result: exchangeOAuthCode(input: $input) {
      ... on SignInSuccess { user { displayName email } tokens { accessToken refreshToken } }
      ... on MfaRequired { challengeToken methods }
      ... on Error { code message }
    }
  }`,
  { input: { code, codeVerifier } },
)
// With a second factor there is a challenge for `completeMfa` instead, as in native-app.ts.
console.log(user === undefined ? 'a second factor is asked for' : `signed in as ${user.displayName}, ${user.email}`)

/** Waits for the browser, and gives the code that it brings. */
async function comingBack(): Promise<string> {
  const { hostname, port } = new URL(redirectTo)
  const listener = createServer().listen(Number(port), hostname)
  const [request, response] = await once(listener, 'request')
  response.setHeader('connection', 'close').end('You can close this page.')
  listener.close()
  const { searchParams } = new URL(request.url, redirectTo)
  const found = searchParams.get('code')
  if (found === null) throw new Error(`The sign-in was refused: ${searchParams.get('error')}`)
  return found
}

/** Runs an operation and gives its field `result`; a refusal is thrown with its code. */
// oxlint-disable-next-line typescript/no-explicit-any -- an example without generated types
async function post(query: string, variables: Record<string, unknown>): Promise<any> {
  const response = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`)
  if (data.result.code !== undefined) throw new Error(`${data.result.code}: ${data.result.message}`)
  return data.result
}
