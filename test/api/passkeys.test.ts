import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newSecret } from '../../src/core/secrets.ts'
import {
  authenticate,
  newCredential,
  register,
  type Site,
  type SoftwareCredential,
} from '../support/software-authenticator.ts'
import { type Api, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'
const site: Site = { rpId: 'example.com', origin: 'https://app.example.com' }
const settings = {
  PUBLIC_URL: 'https://api.example.com',
  APP_URL: 'https://app.example.com',
  PASSKEY_RP_ID: 'example.com',
}

const refusal = '... on Error { code message }'
const invalid = `${refusal} ... on InvalidInputError { issues { path message } }`
const success = '__typename ... on SignInSuccess { session { id delivery } user { id email } tokens { accessToken } }'
const entered = `${success} ... on MfaRequired { challengeToken methods passkeyOptions }`
const fields = 'id credentialId name aaguid transports synced createdAt lastUsedAt suspectedAt'
const operations = {
  signUp: `mutation ($input: SignUpInput!) { result: signUp(input: $input) { ${success} ${invalid} } }`,
  signIn: `mutation ($input: SignInInput!) { result: signIn(input: $input) { ${entered} ${refusal} } }`,
  startRegistration: `mutation { result: startPasskeyRegistration {
    __typename ... on PasskeyChallenge { challengeToken options expiresAt } ${refusal} } }`,
  finishRegistration: `mutation ($token: String!, $response: JSON!, $name: String) {
    result: finishPasskeyRegistration(challengeToken: $token, response: $response, name: $name) {
      __typename ... on PasskeyAdded { passkey { ${fields} } recoveryCodes renewed { tokens { accessToken } } } ${invalid} } }`,
  startSignIn: `mutation ($delivery: Delivery! = COOKIE) { result: startPasskeySignIn(delivery: $delivery) {
    __typename ... on PasskeyChallenge { challengeToken options expiresAt } ${refusal} } }`,
  finishSignIn: `mutation ($token: String!, $response: JSON!) {
    result: finishPasskeySignIn(challengeToken: $token, response: $response) { ${entered} ${refusal} } }`,
  completeMfa: `mutation ($token: String!, $response: JSON!) {
    result: completeMfa(challengeToken: $token, proof: { passkey: $response }) { ${success} ${refusal} } }`,
  rename: `mutation ($id: ID!, $name: String!) { result: renamePasskey(id: $id, name: $name) {
    __typename ... on PasskeyRenamed { passkey { ${fields} } } ${invalid} } }`,
  remove: `mutation ($id: ID!) { result: removePasskey(id: $id) {
    __typename ... on PasskeyRemoved { passkey { ${fields} } } ${refusal} } }`,
  passkeys: `{ result: passkeys { ${fields} } }`,
  me: '{ result: me { email } }',
} as const

interface Challenge {
  readonly challengeToken: string
  readonly options: { readonly challenge: string; readonly user?: { readonly id: string } }
}

let api: Api
let count = 0

beforeAll(async () => {
  api = await openApi(settings)
})
afterAll(() => api[Symbol.asyncDispose]())

/** Every client of its own network, so that no limit is met by chance. */
function newClient(more: object = {}): ApiClient {
  count += 1
  return api.client({ ip: `2001:db8:1:${count.toString(16)}::1`, ...more })
}

/** The result of an operation without errors. */
async function run<T = Record<string, unknown>>(
  client: ApiClient,
  name: keyof typeof operations,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const { data, errors } = await client.run(operations[name], variables)
  expect(errors).toEqual([])
  const { result } = data as { result: T } // every operation names its one field so
  return result
}

async function codeOf(client: ApiClient, name: keyof typeof operations, variables: Record<string, unknown> = {}) {
  const { errors } = await client.run(operations[name], variables)
  return errors.map(({ extensions }) => extensions['code'])
}

async function join(): Promise<{ client: ApiClient; email: string }> {
  const client = newClient()
  const email = `user${count}@example.com`
  const signedUp = await run(client, 'signUp', { input: { email, password, displayName: 'Ada' } })
  expect(signedUp).toMatchObject({ __typename: 'SignInSuccess' })
  return { client, email }
}

async function addPasskey(client: ApiClient, credential: SoftwareCredential, more: object = {}) {
  const { challengeToken: token, options } = await run<Challenge>(client, 'startRegistration')
  credential.userHandle = options.user?.id ?? ''
  const response = register(credential, site, options.challenge)
  return run<{ passkey: { id: string } }>(client, 'finishRegistration', { token, response, ...more })
}

describe('passkeys over GraphQL', () => {
  it('are registered, which gives the session a new cookie and shows recovery codes once', async () => {
    const { client } = await join()
    const credential = newCredential('ES256', { backupEligible: true, backedUp: true })
    const before = client.cookie
    expect(await addPasskey(client, credential, { name: 'desk' })).toEqual({
      __typename: 'PasskeyAdded',
      passkey: {
        id: expect.stringMatching(/^psk_/),
        credentialId: credential.id.toString('base64url'),
        name: 'desk',
        aaguid: '00000000-0000-0000-0000-000000000000',
        transports: ['internal'],
        synced: true,
        createdAt: expect.stringMatching(/^20/),
        lastUsedAt: null,
        suspectedAt: null,
      },
      recoveryCodes: expect.toSatisfy((codes: string[]) => codes.length === 10),
      renewed: { tokens: null },
    })
    expect(client.cookie).not.toBe(before)
    expect(await run(client, 'me')).toMatchObject({ email: expect.stringContaining('@') })
    const old = await client.run(operations.me, {}, { sessionCookie: before })
    expect(old.status).toBe(401)
    expect(await addPasskey(client, newCredential())).toMatchObject({ recoveryCodes: null })
  })

  it('are for the site that the settings say', async () => {
    const { client } = await join()
    expect(await run(client, 'startRegistration')).toMatchObject({
      options: { rp: { id: 'example.com' }, user: { name: expect.stringContaining('@'), displayName: 'Ada' } },
    })
    expect(await run(newClient(), 'startSignIn')).toMatchObject({
      __typename: 'PasskeyChallenge',
      options: { rpId: 'example.com', userVerification: 'required' },
    })
  })

  it('sign in without an email address, with the cookie alone or with tokens', async () => {
    const { client, email } = await join()
    const credential = newCredential()
    await addPasskey(client, credential)

    const browser = newClient()
    const begun = await run<Challenge>(browser, 'startSignIn')
    const response = authenticate(credential, site, begun.options.challenge)
    const answer = await browser.run(operations.finishSignIn, { token: begun.challengeToken, response })
    expect(answer.data).toMatchObject({ result: { __typename: 'SignInSuccess', user: { email }, tokens: null } })
    expect(browser.cookie).toMatch(/^ses_/)
    expect(answer.body).not.toContain(browser.cookie?.split('.')[1])
    expect(await run(browser, 'me')).toEqual({ email })

    const program = newClient({ cookies: false })
    const { challengeToken: token, options } = await run<Challenge>(program, 'startSignIn', { delivery: 'TOKENS' })
    const signedIn = await run(program, 'finishSignIn', {
      token,
      response: authenticate(credential, site, options.challenge),
    })
    expect(signedIn).toMatchObject({ session: { delivery: 'TOKENS' }, tokens: { accessToken: expect.any(String) } })
  })

  it('are the second factor after a password', async () => {
    const { client, email } = await join()
    const credential = newCredential()
    await addPasskey(client, credential)
    const browser = newClient()
    const required = await run<{ challengeToken: string; passkeyOptions: Challenge['options'] }>(browser, 'signIn', {
      input: { email, password },
    })
    expect(required).toMatchObject({ __typename: 'MfaRequired', methods: ['PASSKEY', 'RECOVERY_CODE'] })
    expect(browser.cookie).toBeNull()
    const response = authenticate(credential, site, required.passkeyOptions.challenge)
    const done = await run(browser, 'completeMfa', { token: required.challengeToken, response })
    expect(done).toMatchObject({ __typename: 'SignInSuccess', user: { email } })
  })

  it('are renamed, listed and removed', async () => {
    const { client } = await join()
    const { passkey } = await addPasskey(client, newCredential())
    const renamed = await run<{ passkey: object }>(client, 'rename', { id: passkey.id, name: 'drawer' })
    expect(renamed).toEqual({ __typename: 'PasskeyRenamed', passkey: { ...passkey, name: 'drawer' } })
    expect(await run(client, 'passkeys')).toEqual([renamed.passkey])
    const { passkey: removed } = await run<{ passkey: object }>(client, 'remove', { id: passkey.id })
    expect(removed).toEqual(renamed.passkey)
    expect(await run(client, 'passkeys')).toEqual([])
    expect(await codeOf(client, 'remove', { id: passkey.id })).toEqual(['NOT_FOUND'])
  })

  it('are nobody else’s business', async () => {
    const { client } = await join()
    const { passkey } = await addPasskey(client, newCredential())
    const other = await join()
    const { id } = passkey
    expect(await codeOf(other.client, 'rename', { id, name: 'mine' })).toEqual(['NOT_FOUND'])
    expect(await codeOf(other.client, 'remove', { id })).toEqual(['NOT_FOUND'])
    expect(await run(other.client, 'passkeys')).toEqual([])
    const nobody = newClient()
    for (const [name, variables] of [
      ['startRegistration', {}],
      ['finishRegistration', { token: '', response: {} }],
      ['rename', { id, name: 'mine' }],
      ['remove', { id }],
      ['passkeys', {}],
    ] as const) {
      expect(await codeOf(nobody, name, variables)).toEqual(['UNAUTHENTICATED'])
    }
  })

  it('need a connection that can set a cookie for delivery COOKIE, at the beginning and at the end', async () => {
    const { client } = await join()
    const credential = newCredential()
    await addPasskey(client, credential)
    expect(await codeOf(newClient({ cookies: false }), 'startSignIn')).toEqual(['BAD_REQUEST'])
    const { challengeToken: token, options } = await run<Challenge>(newClient(), 'startSignIn')
    const response = authenticate(credential, site, options.challenge)
    const ended = await run(newClient({ cookies: false }), 'finishSignIn', { token, response })
    expect(ended).toMatchObject({ code: 'INVALID_CREDENTIALS' })
  })

  it('can be set up by who must have a second factor before anything else', async () => {
    await using strict = await openApi({ ...settings, REQUIRE_MFA: 'all' })
    const client = strict.client()
    await run(client, 'signUp', { input: { email: 'ada@example.com', password, displayName: 'Ada' } })
    const ownJobs = 'query { jobs { __typename } }'
    expect(await run(client, 'passkeys')).toEqual([])
    expect((await client.run(ownJobs)).errors).not.toEqual([])
    expect(await addPasskey(client, newCredential())).toMatchObject({ __typename: 'PasskeyAdded' })
    expect((await client.run(ownJobs)).errors).toEqual([])
  })

  it('are tried once an operation', async () => {
    const { status, errors } = await newClient().run(`mutation {
      a: finishPasskeySignIn(challengeToken: "", response: {}) { __typename }
      b: finishPasskeySignIn(challengeToken: "", response: {}) { __typename }
    }`)
    expect(status).toBe(400)
    expect(errors[0]?.extensions['code']).toBe('TOO_MANY_CREDENTIAL_FIELDS')
  })
})

const strange: readonly (readonly [string, unknown])[] = [
  ['nothing in it', {}],
  ['a list', []],
  ['a text', 'response'],
  ['a number', 1],
  ['false', false],
  ['much', { id: 'A'.repeat(200_000), rawId: 'A'.repeat(200_000), type: 'public-key', response: {} }],
  ['depth', JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`)],
  ['the prototype', JSON.parse('{"__proto__":{"id":"AA"},"constructor":{"prototype":{"polluted":1}}}')],
  ['a response that is null', { id: 'AA', rawId: 'AA', type: 'public-key', response: null }],
]

describe('a response with', () => {
  it.each(strange)('%s is refused as any other that is wrong', async (_what, response) => {
    const { client } = await join()
    const registration = await run<Challenge>(client, 'startRegistration')
    const ended = await run(client, 'finishRegistration', { token: registration.challengeToken, response })
    expect(ended).toMatchObject({ __typename: 'InvalidCodeError', code: 'INVALID_CODE' })

    const browser = newClient()
    const { challengeToken: token, options } = await run<Challenge>(browser, 'startSignIn')
    const unknown = newCredential('ES256', { userHandle: newSecret(32) })
    const answers = [
      await browser.run(operations.finishSignIn, { token, response }),
      await browser.run(operations.finishSignIn, { token, response: authenticate(unknown, site, options.challenge) }),
      await browser.run(operations.finishSignIn, { token: 'x', response }),
    ]
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect(answers[0]?.data).toMatchObject({
      result: { __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' },
    })
  })

  it('null, or none at all, does not fit the schema', async () => {
    for (const variables of [{ token: 'x' }, { token: 'x', response: null }, { response: {} }]) {
      const { data, errors } = await newClient().run(operations.finishSignIn, variables)
      expect([data, errors]).toMatchObject([null, [{ extensions: { code: expect.stringMatching(/^[A-Z_]+$/) } }]])
    }
  })
})

describe('the input of', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' '],
    ['a huge text', 'a'.repeat(100_000)],
    ['two lines', 'a\nb'],
  ])('a name refuses %s', async (_what, name) => {
    const { client } = await join()
    const { passkey } = await addPasskey(client, newCredential())
    const refused = { __typename: 'InvalidInputError', issues: [{ path: ['name'] }] }
    expect(await run(client, 'rename', { id: passkey.id, name })).toMatchObject(refused)
    const { challengeToken: token } = await run<Challenge>(client, 'startRegistration')
    expect(await run(client, 'finishRegistration', { token, response: {}, name })).toMatchObject(refused)
  })

  it.each([
    ['nothing', ''],
    ['half an id', 'psk_'],
    ['the id of something else', 'usr_x'],
    ['a huge text', 'a'.repeat(100_000)],
  ])('an id refuses %s', async (_what, id) => {
    const { client } = await join()
    expect(await codeOf(client, 'rename', { id, name: 'a' })).toEqual(['NOT_FOUND'])
    expect(await codeOf(client, 'remove', { id })).toEqual(['NOT_FOUND'])
  })

  it.each([
    ['nothing', ''],
    ['half a token', 'ott_'],
    ['a huge text', 'a'.repeat(100_000)],
  ])('a challenge token refuses %s', async (_what, token) => {
    const { client } = await join()
    const ended = await run(client, 'finishRegistration', { token, response: {} })
    expect(ended).toMatchObject({ __typename: 'InvalidChallengeError', code: 'INVALID_CHALLENGE' })
  })
})
