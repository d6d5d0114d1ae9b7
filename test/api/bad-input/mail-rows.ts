import type { BadInputRow } from './bad-input-row.ts'

const refusal = '__typename ... on Error { code }'

/** As many mails as one address gets in an hour. */
const mailsAnHour = { least: 5, most: 5 }

/** Mails that are asked for, and the end of an account. What opens a link has a table of its own. */
export const mailRows: readonly BadInputRow[] = [
  {
    mutation: 'requestPasswordReset',
    document: `mutation ($email: String!) { requestPasswordReset(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: ['email'],
    again: null,
    winners: mailsAnHour,
  },
  {
    mutation: 'resendEmailVerification',
    document: `mutation ($email: String!) { resendEmailVerification(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: ['email'],
    again: null,
    winners: mailsAnHour,
  },
  {
    mutation: 'requestEmailChange',
    document: `mutation ($newEmail: String!) { requestEmailChange(newEmail: $newEmail) { ${refusal} } }`,
    good: ({ email }) => ({ newEmail: `new-${email}` }),
    texts: ['newEmail'],
    again: null,
    winners: mailsAnHour,
  },
  {
    mutation: 'deleteAccount',
    document: `mutation ($email: String!) { deleteAccount(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: ['email'],
    again: 'UNAUTHENTICATED',
    winners: { least: 1, most: 1 },
    foreign: { variables: ({ email }) => ({ email }), code: 'INVALID_INPUT' },
  },
]
