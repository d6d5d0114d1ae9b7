import { CliFailure } from './failure.ts'
import { post } from './post.ts'
import { openTokens } from './tokens.ts'

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

/**
 * Signs in with MILLRACE_TOKEN (an access token or an API key), or with the email address (option or MILLRACE_EMAIL) and the password (MILLRACE_PASSWORD),
 * asking at the terminal for what is missing, and for a second factor where there is one.
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

function endpoint(url: string): string {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return new URL('/graphql', parsed).href
  } catch {
    // Told below, with the address as it was given.
  }
  throw new CliFailure(`--url takes an address such as http://localhost:4000, not "${url}".`, { exitCode: 2 })
}
