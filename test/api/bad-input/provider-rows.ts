import { sha256 } from '../../../src/core/secrets.ts'
import type { BadInputRow } from './bad-input-row.ts'
import { nativeApp, type People, type Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'
const codeChallenge = sha256('a verifier')
const finishIdentityLink = `mutation ($code: String!, $verifier: String!) {
  finishIdentityLink(input: { code: $code, codeVerifier: $verifier }) { ${refusal} ... on IdentityLinked { identity { id } } }
}`

/** For a code which another verifier goes with. */
async function otherCode(_other: Person, people: People) {
  return { code: (await people.providerCode()).code }
}

const code = {
  good: (_person: Person, people: People) => people.providerCode(),
  texts: { code: 'INVALID_TOKEN', verifier: 'INVALID_TOKEN' },
  again: 'INVALID_TOKEN',
  winners: { least: 1, most: 1 },
  foreign: { variables: otherCode, code: 'INVALID_TOKEN' },
  expires: { afterMs: 60_000, code: 'INVALID_TOKEN' },
} as const satisfies Partial<BadInputRow>

async function linked(person: Person, people: People) {
  const variables = { ...(await people.providerCode()) }
  const { identity } = await people.ask<{ identity: { id: string } }>(person, finishIdentityLink, variables)
  return { id: identity.id }
}

/** Accounts at providers: signed in by, linked, and not any more. */
export const providerRows: readonly BadInputRow[] = [
  {
    mutation: 'startOAuthSignIn',
    document: `mutation ($provider: String!, $redirectTo: String!, $delivery: Delivery!, $codeChallenge: String) {
      startOAuthSignIn(input: {
        provider: $provider, redirectTo: $redirectTo, delivery: $delivery, codeChallenge: $codeChallenge
      }) { ${refusal} }
    }`,
    good: () => ({ provider: 'github', redirectTo: nativeApp, delivery: 'TOKENS', codeChallenge }),
    texts: {
      provider: 'UNKNOWN_PROVIDER',
      redirectTo: 'INVALID_INPUT',
      delivery: 'BAD_REQUEST',
      codeChallenge: 'INVALID_INPUT',
    },
    again: null,
    winners: { least: 20, most: 20 },
    foreign: { variables: () => ({ redirectTo: 'https://example.net/' }), code: 'INVALID_INPUT' },
  },
  {
    mutation: 'exchangeOAuthCode',
    document: `mutation ($code: String!, $verifier: String!) {
      exchangeOAuthCode(input: { code: $code, codeVerifier: $verifier }) { ${refusal} }
    }`,
    ...code,
  },
  {
    mutation: 'startIdentityLink',
    document: `mutation ($provider: String!, $redirectTo: String!, $codeChallenge: String) {
      startIdentityLink(input: { provider: $provider, redirectTo: $redirectTo, codeChallenge: $codeChallenge }) { ${refusal} }
    }`,
    good: () => ({ provider: 'github', redirectTo: nativeApp, codeChallenge }),
    texts: { provider: 'UNKNOWN_PROVIDER', redirectTo: 'INVALID_INPUT', codeChallenge: 'INVALID_INPUT' },
    optional: ['codeChallenge'],
    again: null,
    winners: { least: 20, most: 20 },
    foreign: { variables: () => ({ redirectTo: 'https://example.net/' }), code: 'INVALID_INPUT' },
    asksForStepUp: true,
  },
  { mutation: 'finishIdentityLink', document: finishIdentityLink, ...code, asksForStepUp: true },
  {
    mutation: 'unlinkIdentity',
    document: `mutation ($id: ID!) { unlinkIdentity(id: $id) { ${refusal} } }`,
    good: linked,
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: { variables: linked, code: 'NOT_FOUND' },
    asksForStepUp: true,
  },
]
