import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, codeAt } from '../support/authenticator-app.ts'
import { type Api, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'
const step = 30_000

const plain = '... on Error { __typename code message }'
const refusal = `${plain} ... on InvalidCodeError { attemptsRemaining }`
const success =
  '... on SignInSuccess { session { id assurance methods current } user { email } tokens { accessToken refreshToken } }'

const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename ${success} ... on Error { code } } }`
const signIn = `mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ${success}
    ... on MfaRequired { challengeToken expiresAt methods passkeyOptions attemptsRemaining }
    ... on Error { code }
  }
}`
const completeMfa = `mutation ($challengeToken: String!, $proof: MfaProof!) {
  completeMfa(challengeToken: $challengeToken, proof: $proof) { __typename ${success} ${refusal} }
}`
const startStepUp = `mutation {
  startStepUp {
    __typename
    ... on StepUpChallenge { challengeToken expiresAt methods passkeyOptions attemptsRemaining }
    ${plain}
  }
}`
const completeStepUp = `mutation ($challengeToken: String!, $proof: StepUpProof!) {
  completeStepUp(challengeToken: $challengeToken, proof: $proof) { __typename ${success} ${refusal} }
}`
const enrollTotp = `mutation {
  enrollTotp { __typename ... on TotpEnrolment { secret otpauthUri qrSvg expiresAt } ${plain} }
}`
const confirmTotp = `mutation ($code: String!) {
  confirmTotp(code: $code) { __typename ... on TotpConfirmed { recoveryCodes renewed { session { id assurance methods current } tokens { accessToken } } } ${refusal} }
}`
const status = 'methods recoveryCodesLeft required assurance freshUntil'
const removeTotp = `mutation { removeTotp { __typename ... on MfaStatus { ${status} } ${plain} } }`
const regenerate = `mutation { regenerateRecoveryCodes { __typename ... on RecoveryCodes { codes } ${plain} } }`
const mfaStatus = `{ mfaStatus { ${status} } }`

interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

interface Answer {
  readonly __typename: string
  readonly challengeToken: string
  readonly secret: string
  readonly recoveryCodes: readonly string[]
  readonly codes: readonly string[]
  readonly tokens: Tokens | null
  readonly renewed: { readonly tokens: Tokens | null }
}

/** The one field of an answer without errors. */
async function answerOf(answer: ReturnType<ApiClient['run']>): Promise<Answer> {
  const { data, errors } = await answer
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0] as Answer // checked by what the tests expect of it
}

let count = 0

describe('second factors over GraphQL', () => {
  let api: Api
  beforeAll(async () => {
    // The next code as well, so that a test has a fresh one after the code that it enrolled with.
    api = await openApi({ TOTP_WINDOW: 'both' })
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const newClient = (more: object = {}) => {
    count += 1
    return api.client({ ip: `10.1.${count}.1`, ...more })
  }

  /** A browser of somebody new. */
  async function join(delivery = 'COOKIE') {
    const client = newClient()
    const input = { email: `user${count}@example.com`, password, displayName: 'Ada' }
    const { tokens } = await answerOf(client.run(signUp, { input: { ...input, delivery } }))
    return { client, tokens, credentials: { email: input.email, password } }
  }

  /** The same with an authenticator app. */
  async function enrol() {
    const joined = await join()
    const { secret } = await answerOf(joined.client.run(enrollTotp))
    const code = codeAt(secret, Date.now())
    const { recoveryCodes } = await answerOf(joined.client.run(confirmTotp, { code }))
    return { ...joined, secret, recoveryCodes }
  }

  it('are set up in two steps, which give the session a new cookie and the codes to write down', async () => {
    const { client } = await join()
    const old = client.cookie
    const begun = await answerOf(client.run(enrollTotp))
    expect(begun).toMatchObject({
      __typename: 'TotpEnrolment',
      otpauthUri: expect.stringContaining(`secret=${begun.secret}`),
      qrSvg: expect.stringMatching(/^<svg .*<\/svg>$/s),
    })
    expect(bytesOf(begun.secret)).toHaveLength(20)
    expect(await answerOf(client.run(mfaStatus))).toMatchObject({ methods: [], recoveryCodesLeft: 0, assurance: 1 })
    expect(await answerOf(client.run(confirmTotp, { code: 'x' }))).toEqual({
      __typename: 'InvalidCodeError',
      code: 'INVALID_CODE',
      message: 'The code is not right: is the clock of the device right?',
      attemptsRemaining: null,
    })
    const confirmed = await answerOf(client.run(confirmTotp, { code: codeAt(begun.secret, Date.now()) }))
    expect(confirmed).toMatchObject({
      __typename: 'TotpConfirmed',
      renewed: { session: { assurance: 2, methods: ['PASSWORD', 'TOTP'], current: true }, tokens: null },
    })
    expect(confirmed.recoveryCodes).toHaveLength(10)
    expect(client.cookie).not.toBe(old)
    expect(await answerOf(client.run(mfaStatus))).toEqual({
      methods: ['TOTP', 'RECOVERY_CODE'],
      recoveryCodesLeft: 10,
      required: false,
      assurance: 2,
      freshUntil: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    const dead = await newClient().run(mfaStatus, {}, { sessionCookie: old })
    expect([dead.status, dead.errors[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED'])
    expect(await answerOf(client.run(enrollTotp))).toMatchObject({ __typename: 'AlreadyEnrolledError' })
  })

  it('are asked for by sign-in, which gives nothing that works until then', async () => {
    const { credentials, secret } = await enrol()
    const client = newClient()
    const first = await answerOf(client.run(signIn, { input: credentials }))
    expect(first).toEqual({
      __typename: 'MfaRequired',
      challengeToken: expect.stringMatching(/^ott_/),
      expiresAt: expect.any(String),
      methods: ['TOTP', 'RECOVERY_CODE'],
      passkeyOptions: null,
      attemptsRemaining: 5,
    })
    expect(client.cookie).toBeNull()
    for (const credential of [{ sessionCookie: first.challengeToken }, { bearer: first.challengeToken }]) {
      const { status: code } = await newClient().run('{ me { id } }', {}, credential)
      expect(code).toBe(401)
    }
    const { challengeToken } = first
    const wrong = await answerOf(client.run(completeMfa, { challengeToken, proof: { totpCode: '12345' } }))
    expect(wrong).toEqual({
      __typename: 'InvalidCodeError',
      code: 'INVALID_CODE',
      message: 'The code is not right, or was used already.',
      attemptsRemaining: 4,
    })
    const totpCode = codeAt(secret, Date.now() + step)
    const second = await answerOf(client.run(completeMfa, { challengeToken, proof: { totpCode } }))
    expect(second).toMatchObject({
      __typename: 'SignInSuccess',
      session: { assurance: 2, methods: ['PASSWORD', 'TOTP'], current: true },
      user: { email: credentials.email },
      tokens: null,
    })
    expect(client.cookie).toMatch(/^ses_/)
    expect(await answerOf(client.run('{ me { email } }'))).toEqual({ email: credentials.email })
    const again = await answerOf(client.run(completeMfa, { challengeToken, proof: { totpCode } }))
    expect(again).toMatchObject({ __typename: 'InvalidChallengeError', code: 'INVALID_CHALLENGE' })
  })

  it('give tokens where those were asked for, also where no cookie can be set', async () => {
    const { credentials, recoveryCodes } = await enrol()
    const client = newClient({ cookies: false })
    const input = { ...credentials, delivery: 'TOKENS' }
    const { challengeToken } = await answerOf(client.run(signIn, { input }))
    const proof = { recoveryCode: recoveryCodes[0]?.toLowerCase() }
    const { tokens } = await answerOf(client.run(completeMfa, { challengeToken, proof }))
    const bearer = tokens?.accessToken ?? null
    const me = client.run(mfaStatus, {}, { bearer })
    expect(await answerOf(me)).toMatchObject({ assurance: 2, recoveryCodesLeft: 9 })
  })

  it('of a browser are not completed in another one, nor where no cookie can be set', async () => {
    const { credentials, recoveryCodes } = await enrol()
    const browser = newClient()
    const { challengeToken } = await answerOf(browser.run(signIn, { input: credentials }))
    const variables = { challengeToken, proof: { recoveryCode: recoveryCodes[0] } }
    for (const elsewhere of [newClient(), newClient({ cookies: false })]) {
      const refused = await answerOf(elsewhere.run(completeMfa, variables))
      expect(refused).toMatchObject({ __typename: 'InvalidChallengeError' })
    }
    expect(await answerOf(browser.run(completeMfa, variables))).toMatchObject({ __typename: 'SignInSuccess' })
  })

  it('are given as exactly one proof of the right type', async () => {
    const client = newClient()
    const bad: readonly unknown[] = [
      null,
      {},
      { totpCode: null },
      { totpCode: '1', recoveryCode: '2' },
      { totpCode: 123_456 },
      { totpCode: ['123456'] },
      { recoveryCode: {} },
      { passkey: null },
      { password: 'x' },
      'x',
    ]
    const codesOf = async (variables: object) => {
      const { errors, data } = await client.run(completeMfa, { ...variables })
      expect(data).toBeNull()
      return [...new Set(errors.map(({ extensions }) => extensions['code']))]
    }
    for (const proof of bad) expect(await codesOf({ challengeToken: 'x', proof })).toEqual(['BAD_REQUEST'])
    for (const challengeToken of [null, 7, ['x'], undefined]) {
      expect(await codesOf({ challengeToken, proof: { totpCode: '1' } })).toEqual(['BAD_REQUEST'])
    }
    for (const challengeToken of ['', 'x', 'x'.repeat(100_000), 'ott_00000000000000000000000000.x']) {
      const refused = await answerOf(client.run(completeMfa, { challengeToken, proof: { totpCode: '1' } }))
      expect(refused).toMatchObject({ __typename: 'InvalidChallengeError' })
    }
  })

  it('are one guess an operation, however it is written', async () => {
    const { credentials, recoveryCodes } = await enrol()
    const client = newClient()
    const { challengeToken } = await answerOf(client.run(signIn, { input: credentials }))
    const guesses = Array.from(
      { length: 10 },
      (_, index) =>
        `g${index}: completeMfa(challengeToken: $token, proof: { totpCode: "00000${index}" }) { __typename }`,
    )
    const { status: code, errors } = await client.run(`mutation ($token: String!) { ${guesses.join('\n')} }`, {
      token: challengeToken,
    })
    expect([code, errors[0]?.extensions['code']]).toEqual([400, 'TOO_MANY_CREDENTIAL_FIELDS'])
    const wrong = await answerOf(client.run(completeMfa, { challengeToken, proof: { recoveryCode: 'x' } }))
    expect(wrong).toMatchObject({ attemptsRemaining: 4 })
    const proof = { recoveryCode: recoveryCodes[1] }
    expect(await answerOf(client.run(completeMfa, { challengeToken, proof }))).toMatchObject({
      __typename: 'SignInSuccess',
    })
  })

  it('are shown again by a step-up, which gives a new cookie', async () => {
    const { client, recoveryCodes } = await enrol()
    const old = client.cookie
    const challenge = await answerOf(client.run(startStepUp))
    expect(challenge).toMatchObject({
      __typename: 'StepUpChallenge',
      methods: ['TOTP', 'RECOVERY_CODE'],
      passkeyOptions: null,
      attemptsRemaining: 5,
    })
    const { challengeToken } = challenge
    const wrong = await answerOf(client.run(completeStepUp, { challengeToken, proof: { password } }))
    expect(wrong).toMatchObject({ __typename: 'InvalidCodeError', attemptsRemaining: 4 })
    const proof = { recoveryCode: recoveryCodes[0] }
    expect(await answerOf(client.run(completeStepUp, { challengeToken, proof }))).toMatchObject({
      __typename: 'SignInSuccess',
      session: { assurance: 2, methods: ['PASSWORD', 'TOTP', 'RECOVERY_CODE'], current: true },
      tokens: null,
    })
    expect(client.cookie).not.toBe(old)
    expect((await newClient().run('{ me { id } }', {}, { sessionCookie: old })).status).toBe(401)
    expect(await answerOf(client.run(mfaStatus))).toMatchObject({ recoveryCodesLeft: 9 })
  })

  it('are not needed for the step-up of who has none, by the password and with tokens', async () => {
    const { client, tokens } = await join('TOKENS')
    const bearer = tokens?.accessToken ?? null
    const { challengeToken } = await answerOf(client.run(startStepUp, {}, { bearer }))
    // Tokens need no cookie: this may as well be a WebSocket.
    const socket = newClient({ cookies: false })
    const stepUp = await answerOf(socket.run(completeStepUp, { challengeToken, proof: { password } }, { bearer }))
    expect(stepUp).toMatchObject({ __typename: 'SignInSuccess', session: { assurance: 1 } })
    const next = stepUp.tokens?.accessToken ?? null
    expect(await answerOf(client.run(mfaStatus, {}, { bearer: next }))).toMatchObject({ assurance: 1 })
    expect((await client.run(mfaStatus, {}, { bearer })).status).toBe(401)
  })

  it('renew no session by cookie where the new cookie would be lost', async () => {
    const { client, recoveryCodes } = await enrol()
    const { challengeToken } = await answerOf(client.run(startStepUp))
    const socket = newClient({ cookies: false })
    const sessionCookie = client.cookie
    const variables = { challengeToken, proof: { recoveryCode: recoveryCodes[0] } }
    for (const [query, given] of [
      [completeStepUp, variables],
      [confirmTotp, { code: '000000' }],
    ] as const) {
      const { errors } = await socket.run(query, given, { sessionCookie })
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['BAD_REQUEST'])
    }
    // Nothing was used up.
    expect(await answerOf(client.run(completeStepUp, variables))).toMatchObject({ __typename: 'SignInSuccess' })
  })

  it('can be removed, and the recovery codes made anew', async () => {
    const { client, recoveryCodes, credentials } = await enrol()
    const { codes } = await answerOf(client.run(regenerate))
    expect(codes).toHaveLength(10)
    expect(codes.some((code) => recoveryCodes.includes(code))).toBe(false)
    expect(await answerOf(client.run(removeTotp))).toMatchObject({
      __typename: 'MfaStatus',
      methods: [],
      recoveryCodesLeft: 0,
      assurance: 1,
    })
    for (const query of [removeTotp, regenerate]) {
      expect(await answerOf(client.run(query))).toMatchObject({ __typename: 'NotEnrolledError' })
    }
    const input = credentials
    expect(await answerOf(newClient().run(signIn, { input }))).toMatchObject({ session: { assurance: 1 } })
  })

  it('are for people who are signed in, but for completeMfa', async () => {
    const stranger = newClient()
    for (const query of [startStepUp, enrollTotp, removeTotp, regenerate, mfaStatus]) {
      const { status: code, errors } = await stranger.run(query)
      expect([code, errors[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED'])
    }
    for (const [query, variables] of [
      [completeStepUp, { challengeToken: 'x', proof: { password } }],
      [confirmTotp, { code: '000000' }],
    ] as const) {
      expect((await stranger.run(query, variables)).status).toBe(401)
    }
  })
})

describe('an administrator who must have a second factor', () => {
  it('can do nothing but set one up, and everything afterwards', async () => {
    await using api = await openApi({ REQUIRE_MFA: 'admins' })
    const client = api.client()
    const input = { email: 'root@example.com', password, displayName: 'Root', setupToken: api.setupToken }
    await answerOf(client.run(signUp, { input }))
    expect(await answerOf(client.run(mfaStatus))).toMatchObject({ required: true, methods: [], assurance: 1 })
    const refused = await client.run('{ jobs(first: 1) { pageInfo { hasNextPage } } }')
    expect(refused.status).toBe(403)
    const { secret } = await answerOf(client.run(enrollTotp))
    await answerOf(client.run(confirmTotp, { code: codeAt(secret, Date.now()) }))
    expect((await client.run('{ jobs(first: 1) { pageInfo { hasNextPage } } }')).errors).toEqual([])
  })
})
