import { CliFailure } from './failure.ts'
import { post } from './post.ts'
import { askHidden, askVisible } from './prompt.ts'

/** What a command proves itself with. */
export interface Tokens {
  /** A token that is good for a while yet. */
  token(): Promise<string>
  /** Ends the session, if one was begun. */
  signOut(): Promise<void>
}

/** A token is not used in the last minute of its life, in ms. */
const tokenReserveMs = 60_000

interface TokenPair {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
}

/** The answer of any of the operations below: tokens, a challenge, or a refusal. */
interface Outcome {
  readonly result: {
    readonly tokens?: TokenPair | null
    readonly challengeToken?: string
    readonly methods?: readonly string[]
    readonly code?: string
    readonly message?: string
  }
}

const tokens = 'tokens { accessToken accessTokenExpiresAt refreshToken }'
const refusal = '... on Error { code message }'

const signIn = /* GraphQL */ `
  mutation SignIn($email: String!, $password: String!) {
    result: signIn(input: { email: $email, password: $password, delivery: TOKENS }) {
      ... on SignInSuccess { ${tokens} }
      ... on MfaRequired { challengeToken methods }
      ${refusal}
    }
  }
`

const completeMfa = /* GraphQL */ `
  mutation CompleteMfa($challengeToken: String!, $proof: MfaProof!) {
    result: completeMfa(challengeToken: $challengeToken, proof: $proof) {
      ... on SignInSuccess { ${tokens} }
      ${refusal}
    }
  }
`

const refreshTokens = /* GraphQL */ `
  mutation RefreshTokens($refreshToken: String!) {
    result: refreshTokens(refreshToken: $refreshToken) {
      ... on RefreshTokensSuccess { ${tokens} }
      ${refusal}
    }
  }
`

/** What MILLRACE_TOKEN holds, or a session that is begun with an email address and a password. Throws a `CliFailure`. */
export async function openTokens(graphqlUrl: string, emailOption: string | undefined): Promise<Tokens> {
  const given = process.env['MILLRACE_TOKEN']
  if (given !== undefined) return { token: () => Promise.resolve(given), signOut: () => Promise.resolve() }
  const email = emailOption ?? process.env['MILLRACE_EMAIL'] ?? (await askVisible('Email: '))
  const password = process.env['MILLRACE_PASSWORD'] ?? (await askHidden('Password: '))
  const entered = await run(graphqlUrl, signIn, { email, password })
  let current = tokensOf(entered.methods === undefined ? entered : await showSecondFactor(graphqlUrl, entered))
  let renewal: Promise<void> | null = null

  async function renew(): Promise<void> {
    current = tokensOf(await run(graphqlUrl, refreshTokens, { refreshToken: current.refreshToken }))
  }

  return {
    async signOut() {
      // The session would run out by itself; what went wrong before matters more than that.
      const headers = { authorization: `Bearer ${current.accessToken}` }
      await post(graphqlUrl, headers, 'mutation { signOut }').catch(() => undefined)
    },
    async token() {
      if (Date.now() > Date.parse(current.accessTokenExpiresAt) - tokenReserveMs) {
        renewal ??= renew().finally(() => {
          renewal = null
        })
        await renewal
      }
      return current.accessToken
    },
  }
}

async function showSecondFactor(graphqlUrl: string, { challengeToken, methods = [] }: Outcome['result']) {
  if (!methods.includes('TOTP') && !methods.includes('RECOVERY_CODE')) {
    const sentence =
      'A passkey is asked for, which works in a browser only: make an API key there and set MILLRACE_TOKEN.'
    throw new CliFailure(sentence, { code: 'MFA_REQUIRED' })
  }
  const code = (await askVisible('Code of your authenticator app, or a recovery code: ')).trim()
  const proof = /^[\d ]{6,7}$/.test(code) ? { totpCode: code } : { recoveryCode: code }
  return run(graphqlUrl, completeMfa, { challengeToken, proof })
}

async function run(graphqlUrl: string, query: string, variables: Record<string, unknown>): Promise<Outcome['result']> {
  return (await post<Outcome>(graphqlUrl, {}, query, variables)).result
}

function tokensOf({ tokens: pair, message, code }: Outcome['result']): TokenPair {
  if (!pair) throw new CliFailure(message ?? 'The server did not sign you in.', { code: code ?? null })
  return pair
}
