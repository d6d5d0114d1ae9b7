import type { BadInputRow } from './bad-input-row.ts'

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
    texts: ['email', 'password', 'delivery'],
    again: null,
    // Each counts as failed until it is known to be right.
    winners: { least: 1, most: 20 },
    foreign: { variables: ({ email }) => ({ email, password: newPassword }), code: 'INVALID_CREDENTIALS' },
  },
  {
    mutation: 'signUp',
    document: `mutation ($email: String!, $password: String!, $displayName: String!, $delivery: Delivery!) {
      signUp(input: { email: $email, password: $password, displayName: $displayName, delivery: $delivery }) { ${refusal} }
    }`,
    good: ({ password }) => ({ email: newEmail(), password, displayName: 'Ada', delivery: 'COOKIE' }),
    texts: ['email', 'password', 'displayName', 'delivery'],
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
    texts: ['setupToken', 'inviteToken'],
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
    texts: ['currentPassword', 'newPassword'],
    again: 'INVALID_CREDENTIALS',
    winners: { least: 1, most: 1 },
  },
  {
    mutation: 'revokeSession',
    document: 'mutation ($id: ID!) { revokeSession(id: $id) }',
    good: ({ otherSessionId }) => ({ id: otherSessionId }),
    texts: ['id'],
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: { variables: ({ otherSessionId }) => ({ id: otherSessionId }), code: 'NOT_FOUND' },
  },
  {
    mutation: 'revokeOtherSessions',
    document: 'mutation { revokeOtherSessions }',
    good: () => ({}),
    texts: [],
    again: null,
    winners: { least: 20, most: 20 },
  },
  {
    mutation: 'signOutEverywhere',
    document: 'mutation { signOutEverywhere }',
    good: () => ({}),
    texts: [],
    again: 'UNAUTHENTICATED',
    winners: { least: 1, most: 20 },
  },
  {
    mutation: 'signOut',
    document: 'mutation { signOut }',
    good: () => ({}),
    texts: [],
    again: null,
    winners: { least: 20, most: 20 },
  },
]
