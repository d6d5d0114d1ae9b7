import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, type ApiAnswer, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'

const refusal = '... on Error { __typename code message }'
const user = 'id email emailVerifiedAt displayName roles hasPassword createdAt disabledAt'
const users = `query ($first: Int! = 20, $after: String, $search: String) {
  users(first: $first, after: $after, search: $search) {
    edges { cursor node { ${user} } } nodes { id } pageInfo { hasNextPage endCursor }
  }
}`
const findUser = `query ($idOrEmail: String!) { user(idOrEmail: $idOrEmail) { ${user} } }`
const disableUser = `mutation ($id: ID!) { disableUser(id: $id) { __typename ... on ManagedUser { ${user} } ${refusal} } }`
const enableUser = `mutation ($id: ID!) { enableUser(id: $id) { ${user} } }`
const setUserRoles = `mutation ($id: ID!, $roles: [Role!]!) {
  setUserRoles(id: $id, roles: $roles) { __typename ... on ManagedUser { roles } ${refusal} }
}`
const revokeUserSessions = 'mutation ($id: ID!) { revokeUserSessions(id: $id) }'
const resetUserMfa = `mutation ($id: ID!) { resetUserMfa(id: $id) { id } }`
const createInvite = `mutation ($email: String, $roles: [Role!]! = [USER], $expiresInHours: Int! = 168) {
  createInvite(email: $email, roles: $roles, expiresInHours: $expiresInHours) {
    __typename
    ... on InviteIssued { token invite { id email roles invitedBy createdAt expiresAt } }
    ${refusal}
  }
}`
const inviteByDefault = 'mutation { createInvite { ... on InviteIssued { invite { roles createdAt expiresAt } } } }'
const revokeInvite = 'mutation ($id: ID!) { revokeInvite(id: $id) }'
const event =
  'id at event outcome actor actorId subjectId sessionId keyId methods assurance ip userAgent requestId details'
const auditEvents = `query ($first: Int! = 20, $after: String, $event: AuditEventName, $userId: ID) {
  auditEvents(first: $first, after: $after, event: $event, userId: $userId) {
    edges { cursor node { ${event} } } pageInfo { hasNextPage endCursor }
  }
}`

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Readonly<Record<string, unknown>> }[]
  readonly nodes: readonly { readonly id: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

interface Issued {
  readonly token: string
  readonly invite: { readonly id: string; readonly createdAt: string; readonly expiresAt: string }
}

/** The one field of an answer without errors. */
function valueOf({ data, errors }: ApiAnswer): unknown {
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0]
}

const pageOf = (answer: ApiAnswer) => valueOf(answer) as Page // as it was asked for

const issuedOf = (answer: ApiAnswer) => valueOf(answer) as Issued // as it was asked for

const codes = ({ errors }: ApiAnswer) => errors.map(({ extensions }) => extensions['code'])

describe('administration over GraphQL', () => {
  let api: Api
  let root: ApiClient
  let rootId: string
  beforeAll(async () => {
    api = await openApi()
    const person = await signUp('root', { setupToken: api.setupToken })
    root = person.client
    rootId = person.id
  })
  afterAll(() => api[Symbol.asyncDispose]())

  let count = 0
  async function signUp(name: string, more: object = {}) {
    count += 1
    const client = api.client({ ip: `10.0.${count}.1` })
    const input = { email: `${name}@example.com`, password, displayName: name, ...more }
    const answer = await client.run(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { ... on SignInSuccess { user { id } } } }',
      { input },
    )
    const { user: made } = valueOf(answer) as { user: { id: string } } // as it was asked for
    return { client, id: made.id }
  }

  it('disables a user at once, and lets them in again', async () => {
    const { client, id } = await signUp('off-and-on')
    expect(valueOf(await root.run(disableUser, { id }))).toMatchObject({
      __typename: 'ManagedUser',
      id,
      email: 'off-and-on@example.com',
      emailVerifiedAt: null,
      roles: ['USER'],
      hasPassword: true,
      disabledAt: expect.stringMatching(/Z$/),
    })
    expect(codes(await client.run('{ me { id } }'))).toEqual(['SESSION_REVOKED'])
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`
    const input = { email: 'off-and-on@example.com', password }
    expect(valueOf(await api.client({ ip: '10.9.0.1' }).run(signIn, { input }))).toEqual({
      __typename: 'InvalidCredentialsError',
    })
    expect(valueOf(await root.run(enableUser, { id }))).toMatchObject({ id, disabledAt: null })
    expect(valueOf(await api.client({ ip: '10.9.0.1' }).run(signIn, { input }))).toEqual({
      __typename: 'SignInSuccess',
    })
  })

  it('refuses to remove the last administrator, in the union', async () => {
    const last = {
      __typename: 'LastAdministratorError',
      code: 'LAST_ADMINISTRATOR',
      message: 'Make somebody else an administrator first.',
    }
    expect(valueOf(await root.run(disableUser, { id: rootId }))).toEqual(last)
    expect(valueOf(await root.run(setUserRoles, { id: rootId, roles: ['USER'] }))).toEqual(last)
    expect(valueOf(await root.run(setUserRoles, { id: rootId, roles: [] }))).toMatchObject({
      __typename: 'InvalidInputError',
    })
  })

  it('makes an administrator and takes it back, for the session that is there', async () => {
    const { client, id } = await signUp('second')
    expect(codes(await client.run(users))).toEqual(['INSUFFICIENT_SCOPE'])
    expect(valueOf(await root.run(setUserRoles, { id, roles: ['ADMIN'] }))).toEqual({
      __typename: 'ManagedUser',
      roles: ['USER', 'ADMIN'],
    })
    expect(pageOf(await client.run(users)).nodes.length).toBeGreaterThan(1)
    expect(valueOf(await root.run(setUserRoles, { id, roles: ['USER'] }))).toMatchObject({ roles: ['USER'] })
    expect(codes(await client.run(users))).toEqual(['INSUFFICIENT_SCOPE'])
    expect((await client.run('{ me { id } }')).status).toBe(200)
  })

  it('ends the sessions of a user, with their factors or without', async () => {
    const { client, id } = await signUp('sessions')
    expect(valueOf(await root.run(revokeUserSessions, { id }))).toBe(1)
    expect(codes(await client.run('{ me { id } }'))).toEqual(['SESSION_REVOKED'])
    expect(valueOf(await root.run(resetUserMfa, { id }))).toEqual({ id })
    expect(valueOf(await root.run(revokeUserSessions, { id }))).toBe(0)
  })

  it('answers NOT_FOUND for users and invites that are not there, and null to who asks for one', async () => {
    for (const [mutation, more] of [
      [disableUser, {}],
      [enableUser, {}],
      [setUserRoles, { roles: ['USER'] }],
      [revokeUserSessions, {}],
      [resetUserMfa, {}],
      [revokeInvite, {}],
    ] as const) {
      expect(codes(await root.run(mutation, { id: 'usr_nobody', ...more }))).toEqual(['NOT_FOUND'])
    }
    expect(valueOf(await root.run(findUser, { idOrEmail: 'usr_nobody' }))).toBeNull()
    expect(valueOf(await root.run(findUser, { idOrEmail: 'ROOT@example.com' }))).toMatchObject({ id: rootId })
  })

  it('lists users page by page', async () => {
    const { id } = await signUp('listed')
    const first = pageOf(await root.run(users, { first: 1 }))
    expect(first.edges[0]?.node).toMatchObject({ id, displayName: 'listed', hasPassword: true })
    expect(first.pageInfo).toEqual({ hasNextPage: true, endCursor: first.edges[0]?.cursor })
    const second = pageOf(await root.run(users, { first: 1, after: first.pageInfo.endCursor }))
    expect(second.nodes[0]?.id).not.toBe(id)
    expect(pageOf(await root.run(users, { search: 'LISTED@' })).nodes).toEqual([{ id }])
    expect(codes(await root.run(users, { first: 0 }))).toEqual(['INVALID_INPUT'])
    // A cursor of another list.
    const audited = pageOf(await root.run(auditEvents))
    expect(codes(await root.run(users, { after: audited.pageInfo.endCursor }))).toEqual(['INVALID_INPUT'])
  })

  it('shows nothing of its own through the type that everybody sees', async () => {
    const answer = await root.run('{ me { disabledAt } }')
    expect([answer.data, codes(answer)]).toEqual([null, ['GRAPHQL_VALIDATION_FAILED']])
  })

  it('invites somebody, and takes it back', async () => {
    const { token, invite } = issuedOf(await root.run(createInvite, { email: 'grace@example.com' }))
    expect(invite).toMatchObject({ email: 'grace@example.com', roles: ['USER'], invitedBy: rootId })
    const list = '{ invites { id email } }'
    expect(valueOf(await root.run(list))).toEqual([{ id: invite.id, email: 'grace@example.com' }])
    await signUp('grace', { inviteToken: token })
    expect(valueOf(await root.run(list))).toEqual([])

    const other = issuedOf(await root.run(inviteByDefault)).invite
    expect(Date.parse(other.expiresAt) - Date.parse(other.createdAt)).toBe(7 * 24 * 3_600_000)
    const [open] = valueOf(await root.run(list)) as readonly { readonly id: string }[] // as it was asked for
    expect(valueOf(await root.run(revokeInvite, { id: open?.id }))).toBe(true)
    expect(codes(await root.run(revokeInvite, { id: open?.id }))).toEqual(['NOT_FOUND'])

    expect(valueOf(await root.run(createInvite, { email: 'grace@example.com' }))).toMatchObject({
      __typename: 'EmailTakenError',
    })
    expect(valueOf(await root.run(createInvite, { expiresInHours: 0 }))).toMatchObject({
      __typename: 'InvalidInputError',
    })
  })

  it('shows what happened, to administrators and to whom it happened', async () => {
    const { client, id } = await signUp('audited')
    await root.run(revokeUserSessions, { id })
    const lines = pageOf(await root.run(auditEvents, { userId: id }))
    expect(lines.edges.map(({ node }) => node)).toMatchObject([
      { event: 'SESSION_REVOKED', outcome: 'SUCCESS', actor: 'USER', actorId: rootId, details: { sessions: 1 } },
      { event: 'SIGNED_IN', actor: 'ANONYMOUS', subjectId: id, methods: ['PASSWORD'], assurance: 1, userAgent: 'test' },
      { event: 'SIGNED_UP', subjectId: id },
    ])
    expect(codes(await client.run(auditEvents))).toEqual(['SESSION_REVOKED'])
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`
    await client.run(signIn, { input: { email: 'audited@example.com', password } })
    const own = pageOf(await client.run(auditEvents, { event: 'SESSION_REVOKED' }))
    expect(own.edges.map(({ node }) => node)).toMatchObject([
      { actor: 'USER', actorId: null, ip: null, requestId: null },
    ])
    expect(codes(await client.run(auditEvents, { userId: rootId }))).toEqual(['INSUFFICIENT_SCOPE'])
    const next = pageOf(await client.run(auditEvents, { first: 1 }))
    expect(next.pageInfo.hasNextPage).toBe(true)
  })
})
