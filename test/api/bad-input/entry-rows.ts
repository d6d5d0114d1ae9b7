import type { BadInputRow } from './bad-input-row.ts'
import type { People, Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'
const newPassword = 'amber stairs by night'

let count = 0
const newEmail = () => {
  count += 1
  return `bad-input-${count}@example.com`
}

/** Passwords, sign-up and sessions. */
export const entryRows: readonly BadInputRow[] = [
  {
    mutation: 'signIn',
    document: `mutation ($email: String!, $password: String!, $delivery: Delivery!) {
      signIn(input: { email: $email, password: $password, delivery: $delivery }) { ${refusal} }
    }`,
    good: ({ email, password }) => ({ email, password, delivery: 'COOKIE' }),
    texts: { email: 'INVALID_CREDENTIALS', password: 'INVALID_CREDENTIALS', delivery: 'BAD_REQUEST' },
    again: null,
    // Each counts as failed until it is known to be right.
    winners: { least: 1, most: 20 },
    losers: ['RATE_LIMITED'],
    foreign: { variables: ({ email }) => ({ email, password: newPassword }), code: 'INVALID_CREDENTIALS' },
  },
  {
    mutation: 'signUp',
    document: `mutation ($email: String!, $password: String!, $displayName: String!, $delivery: Delivery!) {
      signUp(input: { email: $email, password: $password, displayName: $displayName, delivery: $delivery }) { ${refusal} }
    }`,
    good: ({ password }) => ({ email: newEmail(), password, displayName: 'Ada', delivery: 'COOKIE' }),
    texts: { email: 'INVALID_INPUT', password: 'INVALID_INPUT', displayName: 'INVALID_INPUT', delivery: 'BAD_REQUEST' },
    again: 'EMAIL_TAKEN',
    winners: { least: 1, most: 1 },
    foreign: { variables: ({ email }) => ({ email }), code: 'EMAIL_TAKEN' },
  },
  {
    mutation: 'signUp',
    document: `mutation ($email: String!, $password: String!, $setupToken: String, $inviteToken: String) {
      signUp(input: {
        email: $email, password: $password, displayName: "Ada", setupToken: $setupToken, inviteToken: $inviteToken
      }) { ${refusal} }
    }`,
    good: ({ password }) => ({ email: newEmail(), password }),
    texts: { setupToken: 'INVALID_SETUP_TOKEN', inviteToken: 'INVALID_INVITE' },
    optional: ['setupToken', 'inviteToken'],
    again: 'EMAIL_TAKEN',
    winners: { least: 1, most: 1 },
  },
  {
    mutation: 'changePassword',
    document: `mutation ($currentPassword: String, $newPassword: String!, $keepOtherSessions: Boolean!) {
      changePassword(input: {
        currentPassword: $currentPassword, newPassword: $newPassword, keepOtherSessions: $keepOtherSessions
      }) { ${refusal} }
    }`,
    good: ({ password }) => ({ currentPassword: password, newPassword, keepOtherSessions: false }),
    texts: { currentPassword: 'INVALID_CREDENTIALS', newPassword: 'INVALID_INPUT' },
    again: 'INVALID_CREDENTIALS',
    winners: { least: 1, most: 1 },
    losers: ['INVALID_CREDENTIALS', 'SESSION_REVOKED', 'RATE_LIMITED'],
  },
  {
    mutation: 'revokeSession',
    document: 'mutation ($id: ID!) { revokeSession(id: $id) }',
    good: ({ otherSessionId }) => ({ id: otherSessionId }),
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: { variables: ({ otherSessionId }) => ({ id: otherSessionId }), code: 'NOT_FOUND' },
  },
  {
    mutation: 'revokeOtherSessions',
    document: 'mutation { revokeOtherSessions }',
    good: () => ({}),
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
  },
  {
    mutation: 'signOutEverywhere',
    document: 'mutation { signOutEverywhere }',
    good: () => ({}),
    texts: {},
    again: 'UNAUTHENTICATED',
    winners: { least: 1, most: 20 },
    losers: ['UNAUTHENTICATED', 'SESSION_REVOKED'],
  },
  {
    mutation: 'signOut',
    document: 'mutation { signOut }',
    good: () => ({}),
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
  },
  {
    mutation: 'refreshTokens',
    document: `mutation ($refreshToken: String!) { refreshTokens(refreshToken: $refreshToken) { ${refusal} } }`,
    good: refreshable,
    texts: { refreshToken: 'INVALID_REFRESH_TOKEN' },
    // Within seconds the answer is the same, as it may have been lost on its way.
    again: null,
    winners: { least: 20, most: 20 },
    // A session that nobody has used for so long.
    expires: { afterMs: 14 * 24 * 60 * 60 * 1000, code: 'INVALID_REFRESH_TOKEN' },
  },
]

/** The refresh token of a program that the person has signed in with. */
async function refreshable({ email, password }: Person, { api, newIp }: People) {
  const signIn = `mutation ($input: SignInInput!) {
    signIn(input: $input) { ... on SignInSuccess { tokens { refreshToken } } }
  }`
  const { data } = await api.client({ ip: newIp() }).run(signIn, { input: { email, password, delivery: 'TOKENS' } })
  const { tokens } = (data as { signIn: { tokens: { refreshToken: string } } }).signIn // as it was asked for
  return { refreshToken: tokens.refreshToken }
}
