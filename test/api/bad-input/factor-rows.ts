import type { BadInputRow } from './bad-input-row.ts'
import type { People, Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'
const minute = 60_000

/** One of twenty. */
const one = { least: 1, most: 1 }

/** A challenge for the second factor, and what else answers it. */
async function mfa(person: Person, people: People) {
  const owner = await people.withApp(person)
  return { challengeToken: await people.challenge(person), owner }
}

async function stepUp(person: Person, people: People) {
  const start = 'mutation { startStepUp { ... on StepUpChallenge { challengeToken } } }'
  return people.ask<{ challengeToken: string }>(person, start)
}

const challengeOver = { afterMs: 5 * minute, code: 'INVALID_CHALLENGE' } as const

/** The second factor and showing it again. */
export const factorRows: readonly BadInputRow[] = [
  {
    mutation: 'completeMfa',
    document: `mutation ($challengeToken: String!, $totpCode: String!) {
      completeMfa(challengeToken: $challengeToken, proof: { totpCode: $totpCode }) { ${refusal} }
    }`,
    async good(person, people) {
      const { challengeToken, owner } = await mfa(person, people)
      return { challengeToken, totpCode: people.freshCode(owner) }
    },
    texts: { challengeToken: 'INVALID_CHALLENGE', totpCode: 'INVALID_CODE' },
    again: 'INVALID_CHALLENGE',
    winners: one,
    foreign: {
      variables: async (other, people) => ({ challengeToken: (await mfa(other, people)).challengeToken }),
      code: 'INVALID_CHALLENGE',
    },
  },
  {
    mutation: 'completeMfa',
    document: `mutation ($challengeToken: String!, $recoveryCode: String!) {
      completeMfa(challengeToken: $challengeToken, proof: { recoveryCode: $recoveryCode }) { ${refusal} }
    }`,
    async good(person, people) {
      const { challengeToken, owner } = await mfa(person, people)
      return { challengeToken, recoveryCode: owner.recoveryCodes[0] }
    },
    texts: { recoveryCode: 'INVALID_CODE' },
    again: 'INVALID_CHALLENGE',
    winners: one,
    foreign: {
      variables: async (other, people) => ({ recoveryCode: (await people.withApp(other)).recoveryCodes[0] }),
      code: 'INVALID_CODE',
    },
    expires: challengeOver,
  },
  {
    mutation: 'startStepUp',
    document: `mutation { startStepUp { ${refusal} } }`,
    good: () => ({}),
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
  },
  {
    mutation: 'completeStepUp',
    document: `mutation ($challengeToken: String!, $password: String!) {
      completeStepUp(challengeToken: $challengeToken, proof: { password: $password }) { ${refusal} }
    }`,
    good: async (person, people) => ({ ...(await stepUp(person, people)), password: person.password }),
    texts: { challengeToken: 'INVALID_CHALLENGE', password: 'INVALID_CODE' },
    again: 'INVALID_CHALLENGE',
    winners: one,
    foreign: { variables: stepUp, code: 'INVALID_CHALLENGE' },
    expires: challengeOver,
  },
  {
    mutation: 'enrollTotp',
    document: `mutation { enrollTotp { ${refusal} } }`,
    good: () => ({}),
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
    asksForStepUp: true,
  },
  {
    mutation: 'confirmTotp',
    document: `mutation ($code: String!) { confirmTotp(code: $code) { ${refusal} } }`,
    good: begun,
    texts: { code: 'INVALID_CODE' },
    again: 'ALREADY_ENROLLED',
    winners: one,
    losers: ['ALREADY_ENROLLED', 'RATE_LIMITED', 'INVALID_CODE'],
    foreign: { variables: begun, code: 'INVALID_CODE' },
    expires: { afterMs: 10 * minute, code: 'NOT_ENROLLED', before: 'INVALID_CODE' },
  },
  {
    mutation: 'removeTotp',
    document: `mutation { removeTotp { ${refusal} } }`,
    good: enrolled,
    texts: {},
    again: 'NOT_ENROLLED',
    winners: one,
    asksForStepUp: true,
  },
  {
    mutation: 'regenerateRecoveryCodes',
    document: `mutation { regenerateRecoveryCodes { ${refusal} } }`,
    good: enrolled,
    texts: {},
    again: null,
    winners: { least: 20, most: 20 },
    asksForStepUp: true,
  },
]

async function enrolled(person: Person, people: People) {
  await people.withApp(person)
  return {}
}

/** The first code of an app that waits to be confirmed. */
async function begun(person: Person, people: People) {
  const enrollTotp = 'mutation { enrollTotp { ... on TotpEnrolment { secret } } }'
  const { secret } = await people.ask<{ secret: string }>(person, enrollTotp)
  return { code: people.freshCode({ secret, recoveryCodes: [] }) }
}
