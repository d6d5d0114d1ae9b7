import type { BadInputRow } from './bad-input-row.ts'
import type { People, Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'
const minute = 60_000

/** The passkey with which a person has signed in. */
async function assertion(person: Person, people: People) {
  return people.assertion(person, (await people.addPasskey(person)).credential)
}

const idOf = async (person: Person, people: People) => ({ id: (await people.addPasskey(person)).id })

/** Passkeys: set up, signed in by, looked after. */
export const passkeyRows: readonly BadInputRow[] = [
  {
    mutation: 'startPasskeyRegistration',
    document: `mutation { startPasskeyRegistration { ${refusal} } }`,
    good: () => ({}),
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
    asksForStepUp: true,
  },
  {
    mutation: 'finishPasskeyRegistration',
    document: `mutation ($token: String!, $response: JSON!) {
      finishPasskeyRegistration(challengeToken: $token, response: $response) { ${refusal} }
    }`,
    good: (person, people) => people.registration(person),
    texts: { token: 'INVALID_CHALLENGE', response: 'INVALID_CODE' },
    again: 'INVALID_CHALLENGE',
    winners: { least: 1, most: 1 },
    foreign: { variables: (other, people) => people.registration(other), code: 'INVALID_CHALLENGE' },
    expires: { afterMs: 5 * minute, code: 'INVALID_CHALLENGE' },
  },
  {
    mutation: 'finishPasskeyRegistration',
    document: `mutation ($token: String!, $response: JSON!, $name: String) {
      finishPasskeyRegistration(challengeToken: $token, response: $response, name: $name) { ${refusal} }
    }`,
    good: async (person, people) => ({ ...(await people.registration(person)), name: 'desk' }),
    texts: { name: 'INVALID_INPUT' },
    optional: ['name'],
    again: 'INVALID_CHALLENGE',
    winners: { least: 1, most: 1 },
    foreign: {
      // A right answer to another challenge.
      variables: async (other, people) => ({ response: (await people.registration(other)).response }),
      code: 'INVALID_CODE',
    },
  },
  {
    mutation: 'startPasskeySignIn',
    document: `mutation ($delivery: Delivery!) { startPasskeySignIn(delivery: $delivery) { ${refusal} } }`,
    good: () => ({ delivery: 'COOKIE' }),
    texts: { delivery: 'BAD_REQUEST' },
    again: null,
    winners: { least: 20, most: 20 },
  },
  {
    mutation: 'finishPasskeySignIn',
    document: `mutation ($token: String!, $response: JSON!) {
      finishPasskeySignIn(challengeToken: $token, response: $response) { ${refusal} }
    }`,
    good: assertion,
    texts: { token: 'INVALID_CREDENTIALS', response: 'INVALID_CREDENTIALS' },
    again: 'INVALID_CREDENTIALS',
    winners: { least: 1, most: 1 },
    foreign: {
      variables: async (other, people) => ({ response: (await assertion(other, people)).response }),
      code: 'INVALID_CREDENTIALS',
    },
    expires: { afterMs: 5 * minute, code: 'INVALID_CREDENTIALS' },
  },
  {
    mutation: 'renamePasskey',
    document: `mutation ($id: ID!, $name: String!) { renamePasskey(id: $id, name: $name) { ${refusal} } }`,
    good: async (person, people) => ({ ...(await idOf(person, people)), name: 'desk' }),
    texts: { id: 'NOT_FOUND', name: 'INVALID_INPUT' },
    again: null,
    winners: { least: 20, most: 20 },
    foreign: { variables: idOf, code: 'NOT_FOUND' },
  },
  {
    mutation: 'removePasskey',
    document: `mutation ($id: ID!) { removePasskey(id: $id) { ${refusal} } }`,
    good: idOf,
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: { variables: idOf, code: 'NOT_FOUND' },
    asksForStepUp: true,
  },
]
