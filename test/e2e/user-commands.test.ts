import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt } from '../support/authenticator-app.ts'
import { eventually } from '../support/eventually.ts'
import { endsWithin, openLiveStreams } from '../support/live-streams.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { runMillrace, type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let server: ServerProcess
let user: SignedInUser
let own: Record<string, string>

beforeAll(async () => {
  folder = await makeTestFolder()
  own = { DATA_DIR: join(folder.path, 'data') }
  server = await startServer(own['DATA_DIR'] ?? '')
  user = await signUpAt(server.url, 'ada')
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** The code of the refusal that the user gets, `null` where they are let in. */
async function refusal(
  headers: Readonly<Record<string, string>> = user.headers,
  query = '{ me { id } }',
): Promise<string | null> {
  const body = JSON.stringify({ query })
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
  const answer = await fetch(`${server.url}/graphql`, init)
  const { errors = [] } = (await answer.json()) as { errors?: { extensions: { code: string } }[] } // an answer of ours
  return errors[0]?.extensions.code ?? null
}

const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) // a line of `--json`

describe('millrace user', () => {
  it('shuts a user and their API keys out of a server that runs, and lets them in again', async () => {
    const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(input: { name: "cron", scopes: [ACCOUNT_READ] }) { ... on ApiKeyIssued { key } } }',
    )
    const key = { 'x-api-key': createApiKey.key }
    expect([await refusal(), await refusal(key)]).toEqual([null, null])
    const disabled = await runMillrace(['user', 'disable', user.email, '--json'], own)
    expect([disabled.code, linesOf(disabled.stdout)]).toMatchObject([
      0,
      [{ email: user.email, disabledAt: expect.stringMatching(/Z$/) }],
    ])
    await eventually(async () => (await refusal()) === 'SESSION_REVOKED')
    await eventually(async () => (await refusal(key)) === 'UNAUTHENTICATED')
    expect((await runMillrace(['user', 'list'], own)).stdout).toContain('disabled since')
    await runMillrace(['user', 'enable', user.email], own)
    await eventually(async () => (await refusal(key)) === null)
  })

  it('lists, finds and changes users', async () => {
    const made = await runMillrace(['user', 'create', '--email', 'root@example.com', '--admin'], {
      ...own,
      MILLRACE_PASSWORD: 'a sentence of an administrator',
    })
    expect(made.code).toBe(0)
    const roles = await runMillrace(['user', 'set-roles', user.email, 'user', 'admin', '--json'], own)
    expect(linesOf(roles.stdout)).toMatchObject([{ roles: ['user', 'admin'] }])
    expect((await runMillrace(['user', 'set-roles', user.email, 'user'], own)).code).toBe(0)
    expect((await runMillrace(['user', 'reset-mfa', user.email], own)).code).toBe(0)
    const found = linesOf((await runMillrace(['user', 'list', '--search', 'ROOT@', '--json'], own)).stdout)
    expect(found).toMatchObject([{ email: 'root@example.com', roles: ['user', 'admin'], hasPassword: true }])
  })

  it('makes somebody an administrator of a server that runs, and takes it from them within a second', async () => {
    const eve = await signUpAt(server.url, 'eve')
    const users = '{ users(first: 1) { edges { node { id } } } }'
    const told = () => refusal(eve.headers, users)
    expect(await told()).toBe('INSUFFICIENT_SCOPE')
    await runMillrace(['user', 'set-roles', eve.email, 'user', 'admin'], own)
    await eventually(async () => (await told()) === null, 1_000)
    await runMillrace(['user', 'set-roles', eve.email, 'user'], own)
    await eventually(async () => (await told()) === 'INSUFFICIENT_SCOPE', 1_000)
    // They are still who they are.
    expect(await refusal(eve.headers)).toBeNull()
  })

  it('takes the second factor from somebody and ends their sessions and streams within a second', async () => {
    const bob = await signUpAt(server.url, 'bob')
    const { enrollTotp } = await bob.request<{ enrollTotp: { secret: string } }>(
      'mutation { enrollTotp { ... on TotpEnrolment { secret } } }',
    )
    const { confirmTotp } = await bob.request<{ confirmTotp: { renewed: { tokens: { accessToken: string } } } }>(
      `mutation ($code: String!) {
        confirmTotp(code: $code) { ... on TotpConfirmed { renewed { tokens { accessToken } } } }
      }`,
      { code: codeAt(enrollTotp.secret, Date.now()) },
    )
    const headers = { authorization: `Bearer ${confirmTotp.renewed.tokens.accessToken}` }
    const events = { query: 'subscription { sessionEvents { kind } }' }
    const streams = await openLiveStreams(`${server.url}/graphql`, headers, events)
    const answerOf = () =>
      signInAt(server.url, bob).then(
        () => 'let in',
        () => 'asked for more',
      )
    expect(await answerOf()).toBe('asked for more')

    expect((await runMillrace(['user', 'reset-mfa', bob.email], own)).code).toBe(0)
    expect(await endsWithin(1_000, streams)).toEqual([4401, 'SESSION_REVOKED', 'SESSION_REVOKED'])
    expect(await refusal(headers)).toBe('SESSION_REVOKED')
    // The password alone lets them in now.
    expect(await refusal((await signInAt(server.url, bob)).headers)).toBeNull()
  })

  it.each([
    [['disable', 'root@example.com'], 'Make somebody else an administrator first. (LAST_ADMINISTRATOR)'],
    [['enable', 'nobody@example.com'], 'There is no user nobody@example.com. (NOT_FOUND)'],
    [['set-roles', 'ada@example.com', 'king'], 'There is no role king: there are user and admin. (INVALID_INPUT)'],
  ])('refuses %j in a sentence', async (command, sentence) => {
    const { code, stderr } = await runMillrace(['user', ...command], own)
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
  })
})

describe('millrace audit export', () => {
  it('prints an event a line, newest first, as JSON', async () => {
    const { code, stdout } = await runMillrace(['audit', 'export', '--user', user.email], own)
    const events = linesOf(stdout)
    expect(code).toBe(0)
    expect(events[0]).toMatchObject({ event: 'USER_MFA_RESET', actor: 'OPERATOR', at: expect.stringMatching(/Z$/) })
    expect(events.at(-1)).toMatchObject({ event: 'SIGNED_UP', outcome: 'SUCCESS', actor: 'ANONYMOUS' })
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(1)
    const byId = await runMillrace(['audit', 'export', '--user', String(events[0]?.['subjectId'])], own)
    expect(byId.stdout).toBe(stdout)
    expect((await runMillrace(['audit', 'export', '--since', '2999-01-01'], own)).stdout).toBe('')
  })

  it('says what it does not take', async () => {
    const since = await runMillrace(['audit', 'export', '--since', 'yesterday'], own)
    expect([since.code, since.stderr]).toEqual([2, expect.stringContaining('It takes a day or a moment')])
    const unknown = await runMillrace(['audit', 'export', '--user', 'nobody@example.com'], own)
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('(NOT_FOUND)')])
  })
})
