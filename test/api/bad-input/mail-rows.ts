import type { BadInputRow } from './bad-input-row.ts'
import type { People, Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'

const hour = 60 * 60 * 1000
const resend = 'mutation ($email: String!) { resendEmailVerification(email: $email) { __typename } }'
const request = 'mutation ($email: String!) { requestPasswordReset(email: $email) { __typename } }'
const requestChange = 'mutation ($newEmail: String!) { requestEmailChange(newEmail: $newEmail) { __typename } }'
const confirm = 'mutation ($token: String!) { confirmEmailChange(token: $token) { __typename } }'

const links = new WeakMap<Person, Promise<string>>()

/** As many mails as one address gets in an hour. */
const mailsAnHour = { least: 5, most: 5 }

/** Mails that are asked for, the links in them, and the end of an account. */
export const mailRows: readonly BadInputRow[] = [
  {
    mutation: 'requestPasswordReset',
    document: `mutation ($email: String!) { requestPasswordReset(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: { email: 'INVALID_INPUT' },
    again: null,
    winners: mailsAnHour,
    losers: ['RATE_LIMITED'],
  },
  {
    mutation: 'resendEmailVerification',
    document: `mutation ($email: String!) { resendEmailVerification(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: { email: 'INVALID_INPUT' },
    again: null,
    winners: mailsAnHour,
    losers: ['RATE_LIMITED'],
  },
  {
    mutation: 'requestEmailChange',
    document: `mutation ($newEmail: String!) { requestEmailChange(newEmail: $newEmail) { ${refusal} } }`,
    good: ({ email }) => ({ newEmail: `new-${email}` }),
    texts: { newEmail: 'INVALID_INPUT' },
    again: null,
    winners: mailsAnHour,
    losers: ['RATE_LIMITED'],
    asksForStepUp: true,
  },
  {
    mutation: 'deleteAccount',
    document: `mutation ($email: String!) { deleteAccount(email: $email) { ${refusal} } }`,
    good: ({ email }) => ({ email }),
    texts: { email: 'INVALID_INPUT' },
    again: 'UNAUTHENTICATED',
    winners: { least: 1, most: 1 },
    losers: ['UNAUTHENTICATED', 'SESSION_REVOKED'],
    asksForStepUp: true,
    foreign: { variables: ({ email }) => ({ email }), code: 'INVALID_INPUT' },
  },
  {
    mutation: 'verifyEmail',
    document: `mutation ($token: String!) { verifyEmail(token: $token) { ${refusal} } }`,
    good: (person, people) =>
      link(person, async () => {
        await people.ask(person, resend, { email: person.email })
        return people.mailedToken(person.email, 'verify-email')
      }),
    ...opened(24 * hour),
  },
  {
    mutation: 'resetPassword',
    document: `mutation ($token: String!, $newPassword: String!) {
      resetPassword(input: { token: $token, newPassword: $newPassword }) { ${refusal} }
    }`,
    good: async (person, people) => ({ ...(await reset(person, people)), newPassword: 'amber stairs by night' }),
    ...opened(hour),
    texts: { token: 'INVALID_TOKEN', newPassword: 'INVALID_INPUT' },
  },
  {
    mutation: 'confirmEmailChange',
    document: `mutation ($token: String!) { confirmEmailChange(token: $token) { ${refusal} } }`,
    good: change,
    ...opened(24 * hour),
  },
  {
    mutation: 'undoEmailChange',
    document: `mutation ($token: String!) { undoEmailChange(token: $token) { ${refusal} } }`,
    good: (person, people) =>
      link(person, async () => {
        // Of its own, as this link is another one.
        const { token } = await change({ ...person }, people)
        await people.ask(person, confirm, { token })
        return people.mailedToken(person.email, 'undo-email-change')
      }),
    ...opened(7 * 24 * hour),
  },
]

/** The link that the person was mailed, once: an address gets few of them in an hour. */
async function link(person: Person, make: () => Promise<string>) {
  const known = links.get(person) ?? make()
  links.set(person, known)
  return { token: await known }
}

function reset(person: Person, people: People) {
  return link(person, async () => {
    await people.ask(person, request, { email: person.email })
    return people.mailedToken(person.email, 'reset-password')
  })
}

function change(person: Person, people: People) {
  return link(person, async () => {
    const newEmail = `new-${person.email}`
    await people.ask(person, requestChange, { newEmail })
    return people.mailedToken(newEmail, 'confirm-email-change')
  })
}

/** How a link is opened: once, in its time, by the mutation that it is for. */
function opened(lifetimeMs: number) {
  return {
    texts: { token: 'INVALID_TOKEN' },
    again: 'INVALID_TOKEN',
    winners: { least: 1, most: 1 },
    expires: { afterMs: lifetimeMs, code: 'INVALID_TOKEN' },
  } as const
}
