import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import {
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  print,
  valueToLiteral,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { type CollectingLogger, collectingLogger } from '../support/collecting-logger.ts'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import type { Logger } from '../../src/ports/logger.ts'
import { codeAt } from '../support/authenticator-app.ts'
import { eventually } from '../support/eventually.ts'
import { openBrowserClient } from '../support/http/browser-client.ts'
import { post, send, type TestAnswer } from '../support/http/requests.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let logger: CollectingLogger
let app: App
let port: number

beforeAll(async () => {
  folder = await makeTestFolder()
  logger = collectingLogger()
  const real = pinoLogger({ level: 'debug', pretty: false, destination: { write: (line) => void written.push(line) } })
  const config = readConfig({ DATA_DIR: folder.path, PORT: '0', COMPUTE_THREADS: '1', LOG_LEVEL: 'debug' })
  app = await createApp(config, { logger: both(logger, real), passwordCost: 4 })
  port = await app.listen()
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Everything that must never be seen in a line of the log. */
const secrets = new Set<string>()
let count = 0

function secret(text: string): string {
  secrets.add(text)
  return text
}

function mark(): string {
  count += 1
  return secret(`marked-${count}-violet-hum-table`)
}

/** The secrets that are in the log, as whoever prints its lines with all that hangs on them would find them. */
function found(): readonly string[] {
  const text = inspect(logger.lines, { depth: Infinity, maxArrayLength: null, maxStringLength: null, showHidden: true })
  return [...secrets].filter((one) => text.includes(one) || written.some((line) => line.includes(one)))
}

/** What the real logger has written. */
const written: string[] = []

/** Hands each line to two loggers. */
function both(one: Logger, other: Logger): Logger {
  const to = (level: keyof Logger) => (fields: object, message: string) => {
    one[level](fields, message)
    other[level](fields, message)
  }
  return { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }
}

/** Some value of the type with a mark for every text, once for each way of a `@oneOf`. */
function valuesOf(type: GraphQLInputType): readonly unknown[] {
  const bare = getNullableType(type)
  if (isListType(bare)) return valuesOf(bare.ofType).map((value) => [value])
  const named = getNamedType(bare)
  if (isEnumType(named)) return [named.getValues()[0]?.name]
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields())
    if (named.isOneOf) return fields.flatMap((one) => valuesOf(one.type).map((value) => ({ [one.name]: value })))
    const options = fields.map((field) => [field.name, valuesOf(field.type)] as const)
    const ways = Math.max(1, ...options.map(([, values]) => values.length))
    return Array.from({ length: ways }, (_, way) =>
      Object.fromEntries(options.map(([name, values]) => [name, values[way % values.length]])),
    )
  }
  const plain: Readonly<Record<string, unknown>> = {
    Int: 1,
    Float: 1,
    Boolean: true,
    DateTime: '2030-01-01T00:00:00.000Z',
    JSON: { id: mark(), response: { signature: mark() } },
  }
  return [plain[named.name] ?? mark()]
}

interface Attempt {
  readonly query: string
  readonly variables?: Record<string, unknown>
}

/** Every mutation with marks in its variables, and again with marks in its text. */
function attempts(): readonly Attempt[] {
  const all = Object.values(app.schema.getMutationType()?.getFields() ?? {})
  const accounts = all.filter(({ args }) => args.every(({ type }) => getNamedType(type).name !== 'Upload'))
  return accounts.flatMap(({ name, args, type }) => {
    const body = 'getFields' in getNamedType(type) || 'getTypes' in getNamedType(type) ? '{ __typename }' : ''
    const ways = args.map((arg) => [arg.name, valuesOf(arg.type), arg] as const)
    const times = Math.max(1, ...ways.map(([, values]) => values.length))
    return Array.from({ length: times }, (_, time) => time).flatMap((time) => {
      const given = ways.map(([arg, values, { type: of }]) => [arg, values[time % values.length], of] as const)
      const declared = given.map(([arg, , of]) => `$${arg}: ${String(of)}`).join(', ')
      const passed = given.map(([arg]) => `${arg}: $${arg}`).join(', ')
      const literals = given.map(([arg, value, of]) => `${arg}: ${literal(value, of)}`).join(', ')
      const wrap = (text: string) => (text === '' ? '' : `(${text})`)
      return [
        {
          query: `mutation ${wrap(declared)} { ${name}${wrap(passed)} ${body} }`,
          variables: Object.fromEntries(given.map(([arg, value]) => [arg, value])),
        },
        { query: `mutation { ${name}${wrap(literals)} ${body} }` },
      ]
    })
  })
}

/** The value as it is written in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  const node = valueToLiteral(value, type)
  return node === undefined ? 'null' : print(node)
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** The fields of an answer's first field, each secret of which is noted. */
async function ask<T>(query: string, variables: Record<string, unknown>, token: string | null = null): Promise<T> {
  const answer = await post(port, { query, variables }, token === null ? {} : bearer(token))
  const { data = null, errors } = answer.json()
  expect(errors).toBeUndefined()
  const [value] = Object.values(data ?? {})
  noteSecrets(value)
  return value as T // of the operation that was asked
}

const secretFields = /^(accessToken|refreshToken|challengeToken|secret|otpauthUri|key|recoveryCodes|token)$/

function noteSecrets(value: unknown, name = ''): void {
  if (typeof value === 'string' && secretFields.test(name)) secret(value)
  else if (Array.isArray(value)) for (const one of value) noteSecrets(one, name)
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) noteSecrets(one, key)
}

/** The token of the link in the mail that resets a password. */
async function resetToken(): Promise<string> {
  const outbox = join(folder.path, 'outbox')
  let token: string | undefined
  await eventually(async () => {
    const names = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml'))
    const mails = await Promise.all(names.map((name) => readFile(join(outbox, name), 'utf8')))
    // Lines are folded, and `=` is written as `=3D` (quoted-printable).
    const text = mails.join().replaceAll('=\r\n', '')
    token = /reset-password\?token=(?:3D)?([\w.-]+)/.exec(text)?.[1]
    return token !== undefined
  })
  return secret(token ?? '')
}

async function all(headers: Record<string, string>): Promise<readonly TestAnswer[]> {
  const answers: TestAnswer[] = []
  for (const attempt of attempts()) answers.push(await post(port, attempt, headers))
  return answers
}

/** Each of them on a socket of its own; without a credential once some of them have ended it. */
async function allOnSockets(payload: Record<string, unknown>): Promise<void> {
  const url = `${app.url}/graphql`
  for (const attempt of attempts()) {
    const raw = await openAcknowledged(url, payload).catch(() => openAcknowledged(url))
    raw.send({ id: '1', type: 'subscribe', payload: attempt })
    await raw.next().catch(() => undefined)
    raw.socket.close()
  }
}

const success = `... on SignInSuccess { tokens { accessToken refreshToken } } ... on Error { message }`
const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${success} } }`
const signIn = `mutation ($input: SignInInput!) {
  signIn(input: $input) { ${success} ... on MfaRequired { challengeToken } }
}`
const refresh = `mutation ($token: String!) {
  refreshTokens(refreshToken: $token) { ... on RefreshTokensSuccess { tokens { accessToken refreshToken } } }
}`
const confirmTotp = `mutation ($code: String!) {
  confirmTotp(code: $code) { ... on TotpConfirmed { recoveryCodes renewed { tokens { accessToken refreshToken } } } }
}`
const completeMfa = `mutation ($token: String!, $code: String!) {
  completeMfa(challengeToken: $token, proof: { recoveryCode: $code }) { ${success} }
}`

interface Tokens {
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string }
}

const titled = (name: string, input: string, fields: string) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${fields} } }`

/** Somebody comes in by every way that needs no browser. */
async function live(email: string): Promise<void> {
  const [password, wrong, newPassword, resetTo] = [mark(), mark(), mark(), mark()]
  const setupToken = secret(app.setupToken ?? '')
  const input = { email, password, displayName: 'Ada', delivery: 'TOKENS', setupToken }
  const first = await ask<Tokens>(signUp, { input })
  const wish = { email, password, delivery: 'TOKENS' }
  const second = await ask<Tokens>(signIn, { input: wish })
  await ask(signIn, { input: { ...wish, password: wrong } })
  await ask(refresh, { token: second.tokens.refreshToken })
  const token = first.tokens.accessToken
  const key = { name: 'mine', scopes: ['JOBS_READ'] }
  const fields = '... on ApiKeyIssued { key }'
  const created = await ask<{ key: string }>(titled('createApiKey', 'CreateApiKeyInput', fields), { input: key }, token)
  await post(port, { query: '{ jobs(first: 1) { __typename } }' }, { 'x-api-key': created.key })
  await ask('mutation { createInvite { ... on InviteIssued { token } } }', {}, token)
  const enrolment = await ask<{ secret: string }>(
    'mutation { enrollTotp { ... on TotpEnrolment { secret otpauthUri } } }',
    {},
    token,
  )
  const code = secret(codeAt(enrolment.secret, Date.now()))
  const confirmed = await ask<{ recoveryCodes: readonly string[]; renewed: Tokens }>(confirmTotp, { code }, token)
  const challenge = await ask<{ challengeToken: string }>(signIn, { input: wish })
  const recovery = { token: challenge.challengeToken, code: confirmed.recoveryCodes[0] }
  await ask(completeMfa, recovery)
  const change = { currentPassword: password, newPassword }
  const changed = titled('changePassword', 'ChangePasswordInput', '__typename')
  await ask(changed, { input: change }, confirmed.renewed.tokens.accessToken)
  await ask('mutation ($email: String!) { requestPasswordReset(email: $email) { __typename } }', { email })
  const reset = { token: await resetToken(), newPassword: resetTo }
  await ask(titled('resetPassword', 'ResetPasswordInput', '__typename'), { input: reset })
}

/** Somebody works with secrets in what they send: in files, inputs, names of them, queries and where no credential belongs. */
async function work(): Promise<void> {
  const user = await signUpAt(app.url, 'cleo')
  secret(user.password)
  secret(user.headers['authorization']?.replace('Bearer ', '') ?? '')
  await user.upload(`${mark()}.txt`, mark())
  const computed = await user.request<{ submitJob: { __typename: string } }>(
    `mutation ($input: JSON!) {
      submitJob(task: "computeFibonacci", input: $input, options: { waitMs: 20000 }) { __typename }
    }`,
    { input: { n: 5, password: mark(), secret: { token: mark() } } },
  )
  expect(computed.submitJob.__typename).toMatch(/Job|InvalidInput|Accepted/)
  await user.request(
    `mutation { submitJob(task: "computeFibonacci", input: { n: 6 }, options: { tags: ["${mark()}"] }) { __typename } }`,
  )
  await send(port, { path: `/graphql?query=${mark()}&token=${mark()}` })
  await send(port, { path: `/artifacts/${mark()}?key=${mark()}`, headers: { cookie: `x=${mark()}`, referer: mark() } })
  await send(port, { path: `/${mark()}`, headers: { 'user-agent': 'test', 'x-forwarded-for': mark() } })
  const raw = await openAcknowledged(`${app.url}/graphql`, { ...user.headers, password: mark() })
  raw.send({ id: mark(), type: 'subscribe', payload: { query: `query { me { id } }`, extensions: { note: mark() } } })
  await raw.next()
  raw.send({ id: '2', type: 'subscribe', payload: { query: `subscription { jobs { __typename } } # ${mark()}` } })
  await raw.next()
  raw.socket.close()
}

async function liveInBrowser(email: string): Promise<void> {
  const browser = openBrowserClient(port)
  const input = { email, password: mark(), displayName: 'Bob', delivery: 'COOKIE' }
  await browser.post({ query: signUp, variables: { input } })
  for (const pair of browser.cookie.split('; ')) secret(pair.split('=')[1] ?? '')
  await browser.send({ method: 'POST', path: '/auth/sign-out' })
}

const codesIn = (answers: readonly TestAnswer[]) =>
  new Set(answers.flatMap((answer) => (answer.json().errors ?? []).map(({ extensions }) => extensions['code'])))

describe('the log, at its most talkative', () => {
  it('holds no secret of what succeeds', async () => {
    await live('ada@example.com')
    await liveInBrowser('bob@example.com')
    expect(secrets.size).toBeGreaterThan(20)
    expect(found()).toEqual([])
  })

  it('holds no secret of what is sent along with work', async () => {
    await work()
    for (const part of ['"stream":"ended"', '"field":"uploadArtifact"', '"msg":"job computeFibonacci']) {
      await eventually(() => written.some((line) => line.includes(part)))
    }
    expect(found()).toEqual([])
  })

  it('holds no secret of what is refused, in variables or in the text, over HTTP or a socket', async () => {
    const { tokens } = await ask<Tokens>(signUp, {
      input: { email: 'eve@example.com', password: mark(), displayName: 'Eve', delivery: 'TOKENS' },
    })
    const strangers = await all({})
    expect(strangers.length).toBeGreaterThan(80)
    expect(codesIn(strangers)).toContain('UNAUTHENTICATED')
    expect(codesIn(strangers)).not.toContain('INTERNAL')
    await all({ authorization: `Bearer ${mark()}` })
    await all({ 'x-api-key': mark() })
    await all({ cookie: `millrace=${mark()}`, 'sec-fetch-site': 'same-origin' })
    await all(bearer(tokens.accessToken))
    await allOnSockets({ authorization: `Bearer ${mark()}` })
    expect(found()).toEqual([])
  })

  it('holds no secret of what fails on our side', async () => {
    const { tokens } = await ask<Tokens>(signUp, {
      input: { email: 'zoe@example.com', password: mark(), displayName: 'Zoe', delivery: 'TOKENS' },
    })
    const mend = breakDatabase()
    const answers = [...(await all({})), ...(await all(bearer(tokens.accessToken)))]
    mend()
    expect(codesIn(answers)).toContain('INTERNAL')
    const failures = logger.lines.filter(({ message }) => message === 'A request failed on our side.')
    expect(failures.length).toBeGreaterThan(30)
    expect(found()).toEqual([])
    // The search itself finds what there is.
    const seen = mark()
    logger.debug({ outer: { error: new Error(`wrong: ${seen}`) } }, 'Said too much.')
    expect(found()).toEqual([seen])
  })
})

/** Takes the tables away under the server; call the result to put them back. */
function breakDatabase(): () => void {
  const rename = (from: string, to: string) => {
    const database = new DatabaseSync(join(folder.path, 'millrace.sqlite'), { timeout: 5_000 })
    const tables = database
      .prepare(`select name from sqlite_master where type = 'table' and name like ?`)
      .all(`%${from}`)
    for (const name of tables.map((table) => String(table['name'])).filter((table) => !table.startsWith('sqlite_'))) {
      database.exec(`alter table "${name}" rename to "${name.slice(0, name.length - from.length)}${to}"`)
    }
    database.close()
  }
  rename('', '_away')
  return () => rename('_away', '')
}
