import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSchema } from '../../src/schema/index.ts'
import { documentOf, variantsOf } from './bad-input/input-variants.ts'
import { type Api, type ApiAnswer, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'

const refusal = '... on Error { __typename code message }'
const key = 'id name lastFour scopes allowedIps requestsPerMinute createdAt expiresAt lastUsedAt successorId'
const createApiKey = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on ApiKeyIssued { key apiKey { ${key} } }
    ... on InvalidInputError { issues { path message } }
    ... on QuotaExceededError { quota limit }
    ${refusal}
  }
}`
const rotateApiKey = `mutation ($id: ID!, $overlapSeconds: Int!) {
  rotateApiKey(id: $id, overlapSeconds: $overlapSeconds) {
    __typename
    ... on ApiKeyIssued { key apiKey { ${key} } }
    ${refusal}
  }
}`
const rotateByDefault = `mutation ($id: ID!) { rotateApiKey(id: $id) { ... on ApiKeyIssued { apiKey { id } } } }`
const revokeApiKey = 'mutation ($id: ID!) { revokeApiKey(id: $id) }'
const apiKeys = `{ apiKeys { ${key} } }`

interface Issued {
  readonly __typename: string
  readonly key: string
  readonly apiKey: { readonly id: string; readonly expiresAt: string | null; readonly lastUsedAt: string | null }
}

/** The one field of an answer without errors. */
function valueOf({ data, errors }: ApiAnswer): unknown {
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0]
}

const issuedOf = (answer: ApiAnswer) => valueOf(answer) as Issued // as it was asked for
const keysOf = (answer: ApiAnswer) => valueOf(answer) as readonly Issued['apiKey'][] // as it was asked for

const codes = ({ errors }: ApiAnswer) => errors.map(({ extensions }) => extensions['code'])

describe('API keys over GraphQL', () => {
  let api: Api
  let owner: ApiClient
  beforeAll(async () => {
    api = await openApi()
    owner = api.client()
    const input = { email: 'root@example.com', password, displayName: 'Root', setupToken: api.setupToken }
    await owner.run('mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }', { input })
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const issue = async (input: object = {}) =>
    issuedOf(await owner.run(createApiKey, { input: { name: 'a program', scopes: ['JOBS_READ'], ...input } }))

  /** A program without cookies. */
  const program = (text: string, query: string, variables = {}) =>
    api.client({ cookies: false }).run(query, variables, { apiKey: text })

  it('are made, listed, used, rotated and revoked', async () => {
    const {
      key: text,
      apiKey,
      __typename,
    } = await issue({
      scopes: ['JOBS_READ', 'ACCOUNT_READ'],
      allowedIps: ['192.0.2.0/24'],
      expiresAt: '2999-01-01T00:00:00.000Z',
    })
    expect(__typename).toBe('ApiKeyIssued')
    expect(text).toMatch(/^mr_test_[0-9a-z_]{67}$/)
    expect(apiKey).toEqual({
      id: expect.stringMatching(/^key_/),
      name: 'a program',
      lastFour: text.slice(-4),
      scopes: ['JOBS_READ', 'ACCOUNT_READ'],
      allowedIps: ['192.0.2.0/24'],
      requestsPerMinute: 600,
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: '2999-01-01T00:00:00.000Z',
      lastUsedAt: null,
      successorId: null,
    })
    expect(valueOf(await program(text, apiKeys))).toEqual([apiKey])
    expect(valueOf(await api.client().run('{ me { email } }', {}, { bearer: text }))).toEqual({
      email: 'root@example.com',
    })

    const next = issuedOf(await owner.run(rotateApiKey, { id: apiKey.id, overlapSeconds: 60 }))
    const [newer, older] = keysOf(await program(next.key, apiKeys))
    expect(newer).toEqual(next.apiKey)
    expect(older).toMatchObject({ id: apiKey.id, successorId: next.apiKey.id })
    expect(Date.parse(older?.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(60_000)

    for (const { id } of [apiKey, next.apiKey]) expect(valueOf(await owner.run(revokeApiKey, { id }))).toBe(true)
    for (const dead of [text, next.key]) {
      const answer = await program(dead, '{ __typename }')
      expect([answer.status, codes(answer)]).toEqual([401, ['UNAUTHENTICATED']])
    }
    expect(codes(await owner.run(revokeApiKey, { id: apiKey.id }))).toEqual(['NOT_FOUND'])
    expect(valueOf(await owner.run(apiKeys))).toEqual([])
  })

  it('have an hour’s overlap unless it is said', async () => {
    const { apiKey } = await issue()
    await owner.run(rotateByDefault, { id: apiKey.id })
    const listed = keysOf(await owner.run(apiKeys))
    const end = Date.parse(listed.find(({ id }) => id === apiKey.id)?.expiresAt ?? '') - Date.now()
    expect(Math.abs(end - 3_600_000)).toBeLessThan(60_000)
    expect(codes(await owner.run(rotateApiKey, { id: apiKey.id, overlapSeconds: null }))).not.toEqual([])
  })

  it('are refused in the union with everything that is wrong', async () => {
    const wrong = {
      name: '',
      scopes: [],
      allowedIps: ['here'],
      requestsPerMinute: 0,
      expiresAt: '2000-01-01T00:00:00Z',
    }
    expect(await issue(wrong)).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [
        { path: ['name'] },
        { path: ['scopes'] },
        { path: ['expiresAt'] },
        { path: ['requestsPerMinute'] },
        { path: ['allowedIps', '0'] },
      ],
    })
  })

  it('are not to be found by who does not own them', async () => {
    const { apiKey } = await issue()
    const eve = api.client({ ip: '198.51.100.1' })
    const input = { email: 'eve@example.com', password, displayName: 'Eve' }
    await eve.run('mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }', { input })
    for (const mutation of [revokeApiKey, rotateApiKey]) {
      const answer = await eve.run(mutation, { id: apiKey.id, overlapSeconds: 0 })
      expect([codes(answer), answer.errors[0]?.message]).toEqual([['NOT_FOUND'], 'There is no such API key.'])
    }
    expect(valueOf(await eve.run(apiKeys))).toEqual([])
  })

  it('reach what their scopes say, and nothing more', async () => {
    const { key: text } = await issue({ scopes: ['JOBS_READ'] })
    expect(valueOf(await program(text, '{ jobs { nodes { id } } }'))).toEqual({ nodes: [] })
    for (const query of [apiKeys, '{ me { id } }', '{ users { nodes { id } } }', '{ auditEvents { nodes { id } } }']) {
      const answer = await program(text, query)
      expect([answer.status, codes(answer)]).toEqual([403, ['INSUFFICIENT_SCOPE']])
    }
    const submit = 'mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }'
    expect(codes(await program(text, submit))).toEqual(['INSUFFICIENT_SCOPE'])
  })

  it('wait when they have had their requests of the minute', async () => {
    const { key: text } = await issue({ requestsPerMinute: 2 })
    for (let i = 0; i < 2; i += 1) expect((await program(text, '{ __typename }')).status).toBe(200)
    const answer = await program(text, '{ __typename }')
    expect([answer.status, codes(answer)]).toEqual([429, ['RATE_LIMITED']])
    expect(answer.errors[0]?.extensions['retryAfterSeconds']).toBeGreaterThan(0)
  })

  it('are held to their addresses', async () => {
    const { key: text } = await issue({ allowedIps: ['2001:db8::/32'] })
    const answer = await program(text, '{ __typename }')
    expect([answer.status, codes(answer)]).toEqual([403, ['FORBIDDEN']])
    const near = api.client({ ip: '2001:db8::1', cookies: false })
    expect((await near.run('{ __typename }', {}, { apiKey: text })).status).toBe(200)
  })

  describe('with every scope of an administrator', () => {
    let text: string
    beforeAll(async () => {
      const values =
        'JOBS_READ JOBS_WRITE ARTIFACTS_READ ARTIFACTS_WRITE CHANNELS_READ CHANNELS_PUBLISH ACCOUNT_READ ADMIN'
      text = (await issue({ scopes: values.split(' '), requestsPerMinute: 10_000 })).key
    })

    /** What programs are for. */
    const work = ['submitJob', 'cancelJob', 'retryJob', 'uploadArtifact', 'publishMessage']
    const mutations = Object.values(createSchema([]).schema.getMutationType()?.getFields() ?? {})

    it.each(mutations.filter(({ name }) => !work.includes(name)))('can never select $name', async (mutation) => {
      const [variables = {}] = variantsOf(mutation)
      const answer = await program(text, documentOf(mutation), variables)
      expect([answer.status, answer.data, codes(answer)]).toEqual([403, null, ['FORBIDDEN']])
      expect(answer.errors[0]?.message).toBe(`No API key can select Mutation.${mutation.name}: sign in as a user.`)
    })

    it('can select what is about jobs, files, channels and tasks', async () => {
      for (const name of ['submitJob', 'cancelJob', 'retryJob', 'publishMessage']) {
        const mutation = mutations.find((one) => one.name === name)
        if (mutation === undefined) throw new Error(`There is no mutation ${name}.`)
        const [variables = {}] = variantsOf(mutation)
        expect(codes(await program(text, documentOf(mutation), variables))).not.toContain('FORBIDDEN')
      }
      const fibonacci = 'mutation { computeFibonacci(input: { n: 1 }) { __typename } }'
      expect(valueOf(await program(text, fibonacci))).toMatchObject({ __typename: 'ComputeFibonacciAccepted' })
    })

    it('can read what administrators read', async () => {
      expect(valueOf(await program(text, '{ users { nodes { email } } }'))).toMatchObject({
        nodes: expect.arrayContaining([{ email: 'root@example.com' }]),
      })
      expect(codes(await program(text, '{ invites { id } auditEvents { nodes { id } } }'))).toEqual([])
    })

    it('cannot hide an account mutation beside one that it may select', async () => {
      const both = 'mutation { cancelJob(id: "x") { id } ...more } fragment more on Mutation { signOutEverywhere }'
      expect(codes(await program(text, both))).toContain('FORBIDDEN')
    })
  })
})
