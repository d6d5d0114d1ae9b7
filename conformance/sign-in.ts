import { at, textAt } from './json.ts'
import type { Headers } from './target.ts'
import { show, Violation } from './violation.ts'
import { exchange } from './wire/http.ts'

const signInDocument = `mutation ($email: String!, $password: String!) {
  signIn(input: { email: $email, password: $password, delivery: TOKENS }) {
    ... on SignInSuccess { tokens { accessToken } }
    ... on Error { code message }
  }
}`

/** Signs in to a Millrace; gives the header of the access token. Throws a `Violation` when it is refused. */
export async function signIn(
  url: string,
  credential: { readonly email: string; readonly password: string },
  signal: AbortSignal,
): Promise<Headers> {
  const { json, status } = await exchange({
    url,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ query: signInDocument, variables: credential }),
    signal,
    patienceMs: 30_000,
  })
  const token = textAt(json, 'data', 'signIn', 'tokens', 'accessToken')
  if (token !== null) return { authorization: `Bearer ${token}` }
  const refusal = at(json, 'data', 'signIn', 'message') ?? at(json, 'errors', 0, 'message') ?? `HTTP ${status}`
  throw new Violation(`The sign-in was refused: ${show(refusal)}`)
}
