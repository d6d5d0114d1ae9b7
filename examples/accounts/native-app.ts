/**
 * Signs in as a program with a user in front of it does, keeps the session alive by refresh tokens, and signs out:
 *
 *   MILLRACE_EMAIL=… MILLRACE_PASSWORD=… node examples/accounts/native-app.ts
 *
 * With a second factor set up, give its code as well: MILLRACE_CODE=123456.
 */
const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'
const { MILLRACE_EMAIL: email, MILLRACE_PASSWORD: password, MILLRACE_CODE: totpCode } = process.env

interface Tokens {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
}

let tokens: Tokens | undefined

const tokenFields = 'tokens { accessToken accessTokenExpiresAt refreshToken }'

const started = await post(
  `mutation ($email: String!, $password: String!) {
    result: signIn(input: { email: $email, password: $password, delivery: TOKENS }) {
      __typename
      ... on SignInSuccess { ${tokenFields} }
      ... on MfaRequired { challengeToken methods }
      ... on Error { code message }
    }
  }`,
  { email, password },
)

const first: Tokens = started.__typename === 'MfaRequired' ? await showSecondFactor(started) : started.tokens
tokens = first
console.log('signed in as', await whoAmI())

// What an app does shortly before `accessTokenExpiresAt`, or when an answer is UNAUTHENTICATED. The new refresh token is kept
// before anything else is done with the answer: it is the only one that works from now on.
const refreshed = await post(
  `mutation ($refreshToken: String!) {
    result: refreshTokens(refreshToken: $refreshToken) {
      ... on RefreshTokensSuccess { ${tokenFields} }
      ... on Error { code message }
    }
  }`,
  { refreshToken: first.refreshToken },
)
tokens = refreshed.tokens
console.log('still', await whoAmI())

await post('mutation { result: signOut }')
console.log('signed out')

async function showSecondFactor(challenge: { challengeToken: string; methods: readonly string[] }): Promise<Tokens> {
  if (totpCode === undefined) throw new Error(`Give a code as MILLRACE_CODE (${challenge.methods.join(', ')}).`)
  const completed = await post(
    `mutation ($challengeToken: String!, $totpCode: String!) {
      result: completeMfa(challengeToken: $challengeToken, proof: { totpCode: $totpCode }) {
        ... on SignInSuccess { ${tokenFields} }
        ... on Error { code message }
      }
    }`,
    { challengeToken: challenge.challengeToken, totpCode },
  )
  return completed.tokens
}

async function whoAmI(): Promise<string> {
  return (await post('{ result: me { displayName } }')).displayName
}

/** Runs an operation and gives its field `result`; a refusal is thrown with its code. */
// oxlint-disable-next-line typescript/no-explicit-any -- an example without generated types
async function post(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const response = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(tokens === undefined ? {} : { authorization: `Bearer ${tokens.accessToken}` }),
    },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`)
  if (data.result.code !== undefined) throw new Error(`${data.result.code}: ${data.result.message}`)
  return data.result
}
