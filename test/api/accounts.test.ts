import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder } from '../support/open-test-store.ts'
import { type Api, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'

const refusal = '... on Error { __typename code message } ... on InvalidInputError { issues { path message } }'
const success = `... on SignInSuccess {
  session { id createdAt lastUsedAt expiresAt ip userAgent delivery current methods assurance authenticatedAt }
  user { id email emailVerified hasPassword displayName roles createdAt }
  tokens { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt }
}`
const signUp = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { __typename ${success} ... on VerificationRequired { email } ${refusal} }
}`
const changePassword = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ${success} ${refusal} } }`
const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename ${success} ... on Error { code message } ... on RateLimitedError { retryAfterSeconds } } }`

interface Success {
  readonly session: { readonly id: string; readonly current: boolean; readonly delivery: string }
  readonly user: { readonly id: string; readonly email: string }
  readonly tokens: { readonly accessToken: string } | null
}

let count = 0
const newInput = (more: object = {}) => {
  count += 1
  return { email: `user${count}@example.com`, password, displayName: 'Ada', ...more }
}

/** The one field of an answer without errors. */
async function answerOf(answer: ReturnType<ApiClient['run']>): Promise<unknown> {
  const { data, errors } = await answer
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0]
}

describe('accounts over GraphQL', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api[Symbol.asyncDispose]())

  /** Every client of its own network, so that no limit is met by chance. */
  const newClient = (more: object = {}) => {
    count += 1
    return api.client({ ip: `10.${count >> 8}.${count & 255}.1`, ...more })
  }

  describe('refusals', () => {
    it('of a sign-up are members of its union, told in full', async () => {
      const client = newClient()
      expect(await answerOf(client.run(signUp, { input: newInput({ inviteToken: 'guess' }) }))).toEqual({
        __typename: 'InvalidInviteError',
        code: 'INVALID_INVITE',
        message: 'The invite is wrong, used up or expired.',
      })
      const input = { email: 'ada', password: 'short', displayName: '' }
      expect(await answerOf(client.run(signUp, { input }))).toMatchObject({
        __typename: 'InvalidInputError',
        code: 'INVALID_INPUT',
        issues: [{ path: ['email'] }, { path: ['password'] }, { path: ['displayName'] }],
      })
      const taken = newInput()
      await client.run(signUp, { input: taken })
      expect(await answerOf(newClient().run(signUp, { input: taken }))).toMatchObject({ __typename: 'EmailTakenError' })
      expect(await answerOf(client.run(signUp, { input: newInput({ setupToken: 'guess' }) }))).toEqual({
        __typename: 'InvalidSetupTokenError',
        code: 'INVALID_SETUP_TOKEN',
        message: 'The set-up token is wrong or has been used.',
      })
      expect(client.cookie).not.toBeNull()
    })

    it('of a sign-in are the same bytes for every reason', async () => {
      const input = newInput()
      await newClient().run(signUp, { input })
      const attempts = [
        { email: input.email, password: 'wrong' },
        { email: 'nobody@example.com', password },
        { email: 'not an address', password },
        { email: input.email, password: '' },
      ]
      const client = newClient()
      const bodies = new Set<string>()
      for (const attempt of attempts) {
        const { status, body } = await client.run(signIn, { input: attempt })
        bodies.add(`${status} ${body}`)
      }
      expect([...bodies]).toEqual([
        '200 {"data":{"signIn":{"__typename":"InvalidCredentialsError","code":"INVALID_CREDENTIALS","message":"The email address and the password do not belong together."}}}',
      ])
      expect(client.cookie).toBeNull()
    })

    it('of too many attempts say when to come back', async () => {
      const client = newClient()
      const answers: unknown[] = []
      for (let i = 0; i < 6; i += 1) {
        answers.push(await answerOf(client.run(signIn, { input: { email: 'victim@example.com', password: 'wrong' } })))
      }
      expect(answers.at(4)).toMatchObject({ __typename: 'InvalidCredentialsError' })
      expect(answers.at(5)).toMatchObject({
        __typename: 'RateLimitedError',
        code: 'RATE_LIMITED',
        retryAfterSeconds: 900,
      })
    })

    it('of a cookie where none can be set come before anything is tried', async () => {
      const socket = newClient({ cookies: false })
      const input = newInput()
      const { data, errors } = await socket.run(signUp, { input })
      expect(data).toBeNull()
      expect(errors[0]).toMatchObject({
        message: 'This connection cannot set a cookie: ask for delivery TOKENS, or use HTTP.',
        extensions: { code: 'BAD_REQUEST' },
      })
      expect(await answerOf(socket.run(signUp, { input: { ...input, delivery: 'TOKENS' } }))).toMatchObject({
        __typename: 'SignInSuccess',
      })
    })

    it('of a thousand aliased sign-ins try none of them', async () => {
      const input = newInput()
      await newClient().run(signUp, { input })
      const one = `signIn(input: { email: "${input.email}", password: "${password}" }) { __typename }`
      const few = await newClient().run(`mutation { a: ${one} b: ${one} }`)
      expect(few.errors.map(({ extensions }) => extensions['code'])).toEqual(['TOO_MANY_CREDENTIAL_FIELDS'])
      expect(few.data).toBeNull()
      const many = Array.from({ length: 1000 }, (_, i) => `a${i}: ${one}`).join(' ')
      const all = await newClient().run(`mutation { ${many} }`)
      expect(all.errors.map(({ extensions }) => extensions['code'])).toEqual(['OPERATION_TOO_COSTLY'])
    })

    it('of who is not signed in have status 401 and no data', async () => {
      for (const query of ['{ me { id } }', '{ sessions { id } }']) {
        const { status, body, errors } = await newClient().run(query)
        expect(status).toBe(401)
        expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED'])
        expect(body).not.toContain('"data"')
      }
    })

    it('of credentials in headers have status 401, whatever the operation', async () => {
      for (const credentials of [{ apiKey: 'mr_live_x' }, { bearer: 'mr_live_x' }, { bearer: 'a.b.c' }]) {
        const { status, errors } = await newClient().run('mutation { signOut }', {}, credentials)
        expect([status, errors[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED'])
      }
    })
  })

  it('start a session with a cookie, and keep every secret out of the answer', async () => {
    const client = newClient()
    const input = newInput({ displayName: ' Ada ' })
    const { body } = await client.run(signUp, { input })
    const { user, session, tokens } = (await answerOf(
      client.run(signIn, { input: { email: input.email, password } }),
    )) as Success
    expect(user).toMatchObject({ email: input.email, displayName: 'Ada', roles: ['USER'] })
    expect(session).toMatchObject({ current: true, delivery: 'COOKIE', userAgent: 'test' })
    expect(tokens).toBeNull()
    expect(client.cookie).toMatch(/^ses_[0-9a-z]{26}\.[A-Za-z0-9_-]{43}$/)
    expect(body).not.toContain(client.cookie?.split('.')[1])
    expect(await answerOf(client.run('{ me { id } }'))).toEqual({ id: user.id })
    const elsewhere = (await answerOf(newClient().run(signIn, { input: { email: input.email, password } }))) as Success
    expect(await answerOf(client.run('{ sessions { id current } }'))).toEqual([
      { id: elsewhere.session.id, current: false },
      { id: session.id, current: true },
    ])
  })

  it('start a session with an access token and set no cookie', async () => {
    const client = newClient()
    const { user, tokens } = (await answerOf(
      client.run(signUp, { input: newInput({ delivery: 'TOKENS' }) }),
    )) as Success
    expect(client.cookie).toBeNull()
    const bearer = tokens?.accessToken ?? null
    expect(await answerOf(client.run('{ me { id } }', {}, { bearer }))).toEqual({ id: user.id })
    expect(await answerOf(client.run('mutation { signOut }', {}, { bearer }))).toBe(true)
    const after = await client.run('{ me { id } }', {}, { bearer })
    expect([after.status, after.errors[0]?.extensions['code']]).toEqual([401, 'SESSION_REVOKED'])
  })

  it('end a session at once, clear its cookie, and say why it does not work any more', async () => {
    const client = newClient()
    await client.run(signUp, { input: newInput() })
    const stolen = client.cookie
    expect(await answerOf(client.run('mutation { signOut }'))).toBe(true)
    expect(client.cookie).toBeNull()
    expect(await answerOf(client.run('mutation { signOut }'))).toBe(false)
    const dead = await client.run('{ me { id } }', {}, { sessionCookie: stolen })
    expect([dead.status, dead.errors[0]?.extensions['code']]).toEqual([401, 'SESSION_REVOKED'])
    // A dead cookie does not stand in the way of signing out or in again.
    expect(await answerOf(client.run('mutation { signOut }', {}, { sessionCookie: stolen }))).toBe(false)
    expect(await answerOf(client.run(signUp, { input: newInput() }, { sessionCookie: stolen }))).toMatchObject({
      __typename: 'SignInSuccess',
    })
  })

  it('end the session that a sign-in came with', async () => {
    const client = newClient()
    const input = newInput()
    await client.run(signUp, { input })
    const planted = client.cookie
    await client.run(signIn, { input: { email: input.email, password } })
    expect(client.cookie).not.toBe(planted)
    const { errors } = await client.run('{ me { id } }', {}, { sessionCookie: planted })
    expect(errors[0]?.extensions['code']).toBe('SESSION_REVOKED')
    expect(await answerOf(client.run('{ sessions { current } }'))).toEqual([{ current: true }])
  })

  it('show nobody the sessions of somebody else, and let nobody end them', async () => {
    const [ada, eve] = [newClient(), newClient()]
    await ada.run(signUp, { input: newInput() })
    const answer = await answerOf(eve.run(signUp, { input: newInput() }))
    expect(await answerOf(ada.run('{ sessions { id } }'))).toHaveLength(1)
    const { id } = (answer as Success).session // a sign-up that worked
    const { status, data, errors } = await ada.run('mutation ($id: ID!) { revokeSession(id: $id) }', { id })
    expect([status, data, errors[0]?.extensions['code']]).toEqual([200, null, 'NOT_FOUND'])
    expect(await answerOf(eve.run('{ sessions { id } }'))).toEqual([{ id }])
  })

  it('show how a session came about', async () => {
    const client = newClient()
    await client.run(signUp, { input: newInput() })
    const query = '{ me { emailVerified hasPassword } sessions { methods assurance authenticatedAt createdAt } }'
    const { data } = await client.run(query)
    expect(data).toMatchObject({
      me: { emailVerified: false, hasPassword: true },
      sessions: [{ methods: ['PASSWORD'], assurance: 1 }],
    })
  })

  it('end one session, the others, and all, with the cookie of the present one', async () => {
    const client = newClient()
    const input = newInput()
    await client.run(signUp, { input })
    const others = [newClient(), newClient(), newClient()]
    for (const other of others) await other.run(signIn, { input: { email: input.email, password } })
    const ids = (await answerOf(client.run('{ sessions { id } }'))) as { id: string }[] // as the schema has it
    expect(await answerOf(client.run('mutation ($id: ID!) { revokeSession(id: $id) }', { id: ids[0]?.id }))).toBe(true)
    expect(client.cookie).not.toBeNull()
    expect(await answerOf(client.run('mutation { revokeOtherSessions }'))).toBe(2)
    for (const other of others) expect((await other.run('{ me { id } }')).status).toBe(401)
    expect(await answerOf(client.run('mutation { signOutEverywhere }'))).toBe(1)
    expect(client.cookie).toBeNull()

    await client.run(signIn, { input: { email: input.email, password } })
    const [own] = (await answerOf(client.run('{ sessions { id } }'))) as { id: string }[] // as the schema has it
    expect(await answerOf(client.run('mutation ($id: ID!) { revokeSession(id: $id) }', { id: own?.id }))).toBe(true)
    expect(client.cookie).toBeNull()
  })

  it('change the password and go on with a new cookie', async () => {
    const client = newClient()
    const input = newInput()
    await client.run(signUp, { input })
    const old = client.cookie
    const passwords = { currentPassword: password, newPassword: 'amber stairs by night' }
    const wrong = { ...passwords, currentPassword: 'wrong' }
    expect(await answerOf(client.run(changePassword, { input: wrong }))).toMatchObject({
      __typename: 'InvalidCredentialsError',
      message: 'That is not the present password.',
    })
    expect(client.cookie).toBe(old)
    const { body, data } = await client.run(changePassword, { input: passwords })
    expect(data).toMatchObject({ changePassword: { __typename: 'SignInSuccess', tokens: null } })
    expect(client.cookie).not.toBe(old)
    expect(body).not.toContain(client.cookie?.split('.')[1])
    expect((await client.run('{ me { id } }', {}, { sessionCookie: old })).status).toBe(401)
    expect((await client.run('{ me { id } }')).status).toBe(200)
  })

  it('do not change a password where the new cookie could not be set', async () => {
    const client = newClient()
    await client.run(signUp, { input: newInput() })
    const input = { currentPassword: password, newPassword: 'amber stairs by night' }
    const socket = newClient({ cookies: false })
    const { errors } = await socket.run(changePassword, { input }, { sessionCookie: client.cookie })
    expect(errors[0]).toMatchObject({
      message: 'Your session is proven by a cookie, which this connection cannot set: use HTTP.',
      extensions: { code: 'BAD_REQUEST' },
    })
    expect((await client.run('{ me { id } }')).status).toBe(200)

    const answer = await answerOf(socket.run(signUp, { input: newInput({ delivery: 'TOKENS' }) }))
    const bearer = (answer as Success).tokens?.accessToken ?? null // a sign-up that worked
    const changed = await answerOf(socket.run(changePassword, { input }, { bearer }))
    expect(changed).toMatchObject({ __typename: 'SignInSuccess', session: { delivery: 'TOKENS', current: true } })
  })

  it('tell everybody the same about how one can sign in', async () => {
    const query = '{ authMethods { passkeys signUp providers { name displayName } } }'
    const client = newClient()
    const before = await client.run(query)
    expect(await answerOf(Promise.resolve(before))).toEqual({
      passkeys: true,
      signUp: 'OPEN',
      providers: [],
    })
    await client.run(signUp, { input: newInput() })
    expect((await client.run(query)).body).toBe(before.body)
  })
})

describe('the first administrator', () => {
  it('signs up with the set-up token, also where sign-up is closed', async () => {
    await using api = await openApi({ SIGN_UP: 'closed' })
    const client = api.client()
    expect(await answerOf(client.run(signUp, { input: newInput() }))).toMatchObject({ __typename: 'SignUpClosedError' })
    expect(api.setupToken).not.toBeNull()
    const input = newInput({ setupToken: api.setupToken })
    expect(await answerOf(client.run(signUp, { input }))).toMatchObject({ user: { roles: ['USER', 'ADMIN'] } })
    expect(await answerOf(client.run(signUp, { input: { ...newInput(), setupToken: api.setupToken } }))).toMatchObject({
      __typename: 'InvalidSetupTokenError',
    })
  })
})

describe('accounts whose addresses must be confirmed', () => {
  it('come about by the same bytes, whether or not the address is taken', async () => {
    await using api = await openApi({ EMAIL_VERIFICATION: 'on' })
    const client = api.client()
    const input = newInput()
    const fresh = await client.run(signUp, { input })
    const taken = await client.run(signUp, { input: { ...input, password: 'another violet table' } })
    expect(taken).toEqual(fresh)
    expect(fresh.body).toBe(`{"data":{"signUp":{"__typename":"VerificationRequired","email":"${input.email}"}}}`)
    expect(client.cookie).toBeNull()
    const { email } = input
    expect(await answerOf(client.run(signIn, { input: { email, password } }))).toEqual({
      __typename: 'EmailNotVerifiedError',
      code: 'EMAIL_NOT_VERIFIED',
      message: 'Confirm your email address first, by the link in the mail that you got.',
    })
    expect(client.cookie).toBeNull()
  })
})

describe('a server with a list of known passwords', () => {
  it('takes none of them for a new one', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'list.txt')
    await writeFile(path, `${password}\n`)
    await using api = await openApi({ PASSWORD_BLOCKLIST: path })
    expect(await answerOf(api.client().run(signUp, { input: newInput() }))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['password'], message: 'The password is on a list of passwords that others know.' }],
    })
    const input = newInput({ password: 'amber stairs by night' })
    expect(await answerOf(api.client().run(signUp, { input }))).toMatchObject({ __typename: 'SignInSuccess' })
  })

  it('does not start when there is no such list', async () => {
    await expect(openApi({ PASSWORD_BLOCKLIST: '/nowhere/list.txt' })).rejects.toMatchObject({
      code: 'PASSWORD_BLOCKLIST_UNUSABLE',
      message: 'The list of passwords /nowhere/list.txt cannot be used: there is no such file.',
    })
  })
})
