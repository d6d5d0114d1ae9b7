import { CliFailure } from './failure.ts'
import { askHidden, askVisible } from './prompt.ts'

/** The options that every command against a running server takes. */
export interface ConnectionOptions {
  readonly url: string
  readonly email?: string
}

/** A signed-in line to a server. Disposing of it ends the session that was begun for it. */
export interface Connection extends AsyncDisposable {
  readonly graphqlUrl: string
  /** With a token that is good for a while yet: signs in again when the last one runs out. */
  headers(): Promise<Readonly<Record<string, string>>>
  /** Runs an operation and gives its data. Throws a `CliFailure` with the code and sentence of the server's refusal. */
  request<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>
}

const signIn = /* GraphQL */ `
  mutation SignIn($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password, delivery: TOKENS }) {
      __typename
      ... on SignInSuccess {
        tokens {
          accessToken
          accessTokenExpiresAt
        }
      }
      ... on Error {
        code
        message
      }
    }
  }
`

interface SignInData {
  readonly signIn: {
    readonly __typename: string
    readonly tokens?: { readonly accessToken: string; readonly accessTokenExpiresAt: string } | null
    readonly code?: string
    readonly message?: string
  }
}

/**
 * Signs in with MILLRACE_TOKEN, or with the email address (option or MILLRACE_EMAIL) and the password (MILLRACE_PASSWORD),
 * asking at the terminal for what is missing.
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const graphqlUrl = endpoint(options.url)
  const { token, signOut } = await openTokens(graphqlUrl, options.email)
  const headers = async () => ({ authorization: `Bearer ${await token()}` })
  return {
    graphqlUrl,
    headers,
    request: async (query, variables) => post(graphqlUrl, await headers(), query, variables),
    [Symbol.asyncDispose]: signOut,
  }
}

interface Tokens {
  token(): Promise<string>
  signOut(): Promise<void>
}

/** A token is not used in the last seconds of its life, in ms. */
const tokenReserveMs = 60_000

async function openTokens(graphqlUrl: string, emailOption: string | undefined): Promise<Tokens> {
  const given = process.env['MILLRACE_TOKEN']
  if (given !== undefined) return { token: () => Promise.resolve(given), signOut: () => Promise.resolve() }
  const email = emailOption ?? process.env['MILLRACE_EMAIL'] ?? (await askVisible('Email: '))
  const password = process.env['MILLRACE_PASSWORD'] ?? (await askHidden('Password: '))
  let current = await tokenByPassword(graphqlUrl, email, password)

  async function signOut(): Promise<void> {
    // The session would run out by itself; what went wrong before matters more than that.
    await post(graphqlUrl, { authorization: `Bearer ${current.token}` }, 'mutation { signOut }').catch(() => undefined)
  }

  return {
    signOut,
    async token() {
      if (Date.now() > current.expiresAt - tokenReserveMs) {
        // The session before stays until it runs out: a stream that is open may rest on it.
        current = await tokenByPassword(graphqlUrl, email, password)
      }
      return current.token
    },
  }
}

async function tokenByPassword(graphqlUrl: string, email: string, password: string) {
  const { signIn: result } = await post<SignInData>(graphqlUrl, {}, signIn, { email, password })
  if (!result.tokens) {
    throw new CliFailure(result.message ?? 'The server did not sign you in.', { code: result.code ?? null })
  }
  const { accessToken, accessTokenExpiresAt } = result.tokens
  return { token: accessToken, expiresAt: Date.parse(accessTokenExpiresAt) }
}

function endpoint(url: string): string {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return new URL('/graphql', parsed).href
  } catch {
    // Told below, with the address as it was given.
  }
  throw new CliFailure(`--url takes an address such as http://localhost:4000, not "${url}".`, { exitCode: 2 })
}

async function post<Data>(
  url: string,
  headers: Readonly<Record<string, string>>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const response = await fetchOrFail(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(60_000),
  })
  return readData<Data>(response)
}

/** `fetch`, with an unreachable server told as such. */
export async function fetchOrFail(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    throw new CliFailure(`No server answers at ${url}${cause}. Is it running? Start one with: millrace start`, {
      code: 'UNREACHABLE',
    })
  }
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** The data of a GraphQL answer. Throws a `CliFailure` for its errors, or when it is no GraphQL answer. */
export async function readData<Data>(response: Response): Promise<Data> {
  const text = await response.text()
  let answer: Answer
  try {
    // The shape is checked below as far as it is used.
    answer = JSON.parse(text) as Answer
  } catch {
    throw new CliFailure(`${response.url} answered ${response.status}, and not as a GraphQL server does.`)
  }
  const [first] = answer.errors ?? []
  if (first !== undefined) throw new CliFailure(first.message, { code: first.extensions?.code ?? null })
  // The operation that was sent fixes the shape of the answer.
  return answer.data as Data
}
