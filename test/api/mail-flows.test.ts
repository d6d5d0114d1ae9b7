import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openSmtpServer, type TestSmtpServer } from '../support/open-smtp-server.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { type Api, type ApiAnswer, type ApiClient, openApi } from './open-api.ts'

const password = 'violet hum table 7'
const newPassword = 'amber stairs by night'
const appUrl = 'https://app.example.com'

const refusal = '... on Error { code message }'
const issues = '... on InvalidInputError { issues { path message } }'
const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }`
const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`
const resetPassword = `mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { __typename ... on AccountEmail { email } ${refusal} ${issues} }
}`
const requestReset = `mutation ($email: String!) {
  requestPasswordReset(email: $email) { __typename ... on MailRequested { email } ${refusal} ${issues} }
}`
const resend = `mutation ($email: String!) {
  resendEmailVerification(email: $email) { __typename ... on MailRequested { email } ${refusal} ${issues} }
}`
const requestChange = `mutation ($newEmail: String!) {
  requestEmailChange(newEmail: $newEmail) { __typename ... on MailRequested { email } ${refusal} ${issues} }
}`
const deleteAccount = `mutation ($email: String!) {
  deleteAccount(email: $email) { __typename ... on AccountDeleted { id } ${refusal} ${issues} }
}`

/** A mutation that opens a link. */
const open = (name: 'verifyEmail' | 'confirmEmailChange' | 'undoEmailChange') => `mutation ($token: String!) {
  ${name}(token: $token) { __typename ... on AccountEmail { email } ${refusal} }
}`

/** The one field of an answer without errors. */
async function answerOf(answer: Promise<ApiAnswer>): Promise<unknown> {
  const { data, errors } = await answer
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0]
}

/** The token of the newest mail to that address. */
function tokenFrom(text: string | undefined, page: string): string {
  const [, token] = new RegExp(`^${appUrl}/#/${page}\\?token=(\\S+)$`, 'm').exec(text ?? '') ?? []
  if (token === undefined) throw new Error(`There is no link to ${page}.`)
  return token
}

let count = 0
const newEmail = () => `user${(count += 1)}@example.com`

describe('mails of accounts, by a mail server', () => {
  let smtp: TestSmtpServer
  let api: Api
  beforeAll(async () => {
    smtp = await openSmtpServer()
    api = await openApi({
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      APP_URL: appUrl,
      MAIL_FROM: 'Mill <mill@example.com>',
    })
  })
  afterAll(async () => {
    await api[Symbol.asyncDispose]()
    await smtp[Symbol.asyncDispose]()
  })

  /** Every client of its own network, so that no limit is met by chance. */
  const newClient = () => {
    count += 1
    return api.client({ ip: `198.51.${count & 255}.1` })
  }

  /** Waits until the address has got so many mails; gives the newest. */
  async function mailTo(email: string, nth: number): Promise<string | undefined> {
    const own = () => smtp.mails.filter(({ recipients }) => recipients.includes(email))
    await eventually(() => own().length >= nth)
    expect(own()).toHaveLength(nth)
    return own().at(-1)?.parsed.text
  }

  /** Somebody whose address is confirmed, signed in. */
  async function join(): Promise<{ readonly client: ApiClient; readonly email: string }> {
    const [client, email] = [newClient(), newEmail()]
    const signedUp = await answerOf(client.run(signUp, { input: { email, password, displayName: 'Ada' } }))
    expect(signedUp).toEqual({ __typename: 'VerificationRequired' })
    const token = tokenFrom(await mailTo(email, 1), 'verify-email')
    expect(await answerOf(client.run(open('verifyEmail'), { token }))).toEqual({ __typename: 'AccountEmail', email })
    expect(await enter(client, email)).toBe('SignInSuccess')
    return { client, email }
  }

  async function enter(client: ApiClient, email: string, by = password): Promise<unknown> {
    const answer = await answerOf(client.run(signIn, { input: { email, password: by } }))
    return typeof answer === 'object' && answer !== null && '__typename' in answer ? answer.__typename : answer
  }

  it('confirm an address, before which nobody comes in', async () => {
    const [client, email] = [newClient(), newEmail()]
    await client.run(signUp, { input: { email, password, displayName: 'Ada' } })
    expect(await enter(client, email)).toBe('EmailNotVerifiedError')
    expect(client.cookie).toBeNull()
    const first = tokenFrom(await mailTo(email, 1), 'verify-email')
    expect(await answerOf(client.run(resend, { email }))).toEqual({ __typename: 'MailRequested', email })
    const second = tokenFrom(await mailTo(email, 2), 'verify-email')
    expect(await answerOf(client.run(open('verifyEmail'), { token: first }))).toMatchObject({
      __typename: 'InvalidTokenError',
      code: 'INVALID_TOKEN',
    })
    expect(await answerOf(client.run(open('verifyEmail'), { token: second }))).toMatchObject({ email })
    expect(client.cookie).toBeNull()
    expect(await enter(client, email)).toBe('SignInSuccess')
    const [mail] = smtp.mails.filter(({ recipients }) => recipients.includes(email))
    expect(mail?.parsed.from?.text).toBe('"Mill" <mill@example.com>')
  })

  it('reset a password, which ends all sessions and starts none', async () => {
    const { client, email } = await join()
    const forgetful = newClient()
    expect(await answerOf(forgetful.run(requestReset, { email }))).toEqual({ __typename: 'MailRequested', email })
    const token = tokenFrom(await mailTo(email, 2), 'reset-password')
    expect(await answerOf(forgetful.run(resetPassword, { input: { token, newPassword: 'short' } }))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['newPassword'], message: 'The password needs at least 15 characters.' }],
    })
    expect(await answerOf(forgetful.run(resetPassword, { input: { token, newPassword } }))).toEqual({
      __typename: 'AccountEmail',
      email,
    })
    expect(forgetful.cookie).toBeNull()
    expect((await client.run('{ me { id } }')).errors[0]?.extensions['code']).toBe('SESSION_REVOKED')
    expect(await enter(forgetful, email)).toBe('InvalidCredentialsError')
    expect(await enter(forgetful, email, newPassword)).toBe('SignInSuccess')
    expect(await mailTo(email, 3)).toContain('The password of your account was changed.')
    expect(await answerOf(forgetful.run(resetPassword, { input: { token, newPassword } }))).toMatchObject({
      code: 'INVALID_TOKEN',
    })
  })

  it('change an address, and take that back', async () => {
    const { client, email } = await join()
    const other = newEmail()
    expect(await answerOf(client.run(requestChange, { newEmail: other }))).toEqual({
      __typename: 'MailRequested',
      email: other,
    })
    const token = tokenFrom(await mailTo(other, 1), 'confirm-email-change')
    // The link may be opened in another browser.
    expect(await answerOf(newClient().run(open('confirmEmailChange'), { token }))).toEqual({
      __typename: 'AccountEmail',
      email: other,
    })
    expect(await answerOf(client.run('{ me { email } }'))).toEqual({ email: other })
    const back = tokenFrom(await mailTo(email, 2), 'undo-email-change')
    expect(await answerOf(newClient().run(open('undoEmailChange'), { token: back }))).toMatchObject({ email })
    expect((await client.run('{ me { email } }')).errors[0]?.extensions['code']).toBe('SESSION_REVOKED')
    expect(await enter(newClient(), email)).toBe('SignInSuccess')
    expect(await mailTo(other, 2)).toContain('former email address')
  })

  it('follow the end of an account, with which its cookie goes', async () => {
    const { client, email } = await join()
    expect(await answerOf(client.run(deleteAccount, { email: 'other@example.com' }))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['email'] }],
    })
    expect(await answerOf(client.run(deleteAccount, { email }))).toMatchObject({ __typename: 'AccountDeleted' })
    expect(client.cookie).toBeNull()
    expect(await enter(client, email)).toBe('InvalidCredentialsError')
    expect(await mailTo(email, 2)).toContain('Your account was deleted')
  })

  it('are not for the last administrator to end with', async () => {
    await using own = await openApi()
    const client = own.client()
    const email = newEmail()
    const input = { email, password, displayName: 'Ada', setupToken: own.setupToken }
    expect(await answerOf(client.run(signUp, { input }))).toEqual({ __typename: 'SignInSuccess' })
    expect(await answerOf(client.run(deleteAccount, { email }))).toEqual({
      __typename: 'LastAdministratorError',
      code: 'LAST_ADMINISTRATOR',
      message: 'Make somebody else an administrator first.',
    })
  })

  it('are asked for with the same bytes whether or not there is such an account', async () => {
    const { email } = await join()
    const nobody = email.replace('user', 'nope')
    const bodyOf = async (query: string, address: string) =>
      (await newClient().run(query, { email: address })).body.replace(address, '…')
    for (const query of [requestReset, resend]) {
      const known = await bodyOf(query, email)
      expect(await bodyOf(query, nobody)).toBe(known)
      expect(known).toContain('"__typename":"MailRequested"')
    }
    const { client } = await join()
    const changes = [email, nobody].map(async (address) =>
      (await client.run(requestChange, { newEmail: address })).body.replace(address, '…'),
    )
    const [taken, free] = await Promise.all(changes)
    expect(taken).toBe(free)
    const own = () =>
      smtp.mails.filter(({ recipients }) => recipients.includes(email)).map(({ parsed }) => parsed.subject)
    await eventually(() => own().length === 3)
    expect(new Set(own())).toEqual(
      new Set(['Confirm your email address', 'Set a new password', 'You already have an account']),
    )
  })

  it('are refused as typed results to who asks for what is no address, or too often', async () => {
    const client = newClient()
    expect(await answerOf(client.run(requestReset, { email: 'ada' }))).toEqual({
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message: 'The input is not valid. email: This is not an email address such as ada@example.com.',
      issues: [{ path: ['email'], message: 'This is not an email address such as ada@example.com.' }],
    })
    const email = newEmail()
    const answers: unknown[] = []
    for (let n = 0; n < 6; n += 1) answers.push(await answerOf(newClient().run(requestReset, { email })))
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => ({ __typename: 'MailRequested', email })))
    expect(answers[5]).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' })
  })

  it('are not asked for, and accounts not ended, by who is not signed in', async () => {
    for (const [query, variables] of [
      [requestChange, { newEmail: 'x@example.com' }],
      [deleteAccount, { email: 'x@example.com' }],
    ] as const) {
      const { status, errors } = await newClient().run(query, variables)
      expect([status, errors[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED'])
    }
  })

  it('have links of which one operation opens one', async () => {
    const two = `mutation { a: verifyEmail(token: "x") { __typename } b: undoEmailChange(token: "x") { __typename } }`
    const { errors } = await newClient().run(two)
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['TOO_MANY_CREDENTIAL_FIELDS'])
  })
})

describe('mails of accounts, with nothing installed', () => {
  it('are files in the data folder', async () => {
    await using folder = await makeTestFolder()
    await using api = await openApi({ DATA_DIR: folder.path })
    const client = api.client()
    const email = newEmail()
    // Without a mail server an address need not be confirmed.
    expect(await answerOf(client.run(signUp, { input: { email, password, displayName: 'Ada' } }))).toEqual({
      __typename: 'SignInSuccess',
    })
    await client.run(requestReset, { email })
    const outbox = join(folder.path, 'outbox')
    const names = async () => (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml'))
    await eventually(async () => (await names()).length === 1)
    const [name = ''] = await names()
    const parsed = await simpleParser(await readFile(join(outbox, name)))
    expect([parsed.subject, [parsed.to].flat()[0]?.text]).toEqual(['Set a new password', email])
    expect(parsed.from?.text).toBe('"Millrace" <millrace@localhost>')
    const [, token = ''] =
      /^http:\/\/localhost(?::\d+)?\/#\/reset-password\?token=(\S+)$/m.exec(parsed.text ?? '') ?? []
    expect(await answerOf(client.run(resetPassword, { input: { token, newPassword } }))).toMatchObject({ email })
  })
})
