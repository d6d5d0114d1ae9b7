import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openClient, transports } from '../support/clients/open-client.ts'
import { takeAnswers } from '../support/clients/stream-client.ts'
import { type CollectingLogger, collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { post, send } from '../support/http/requests.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let logger: CollectingLogger
let app: App
let port: number
let ada: SignedInUser

beforeAll(async () => {
  folder = await makeTestFolder()
  logger = collectingLogger()
  const config = readConfig({ DATA_DIR: folder.path, PORT: '0', COMPUTE_THREADS: '1' })
  app = await createApp(config, { logger, passwordCost: 4 })
  port = await app.listen()
  ada = await signUpAt(app.url, 'ada', app.setupToken)
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

type Fields = Readonly<Record<string, unknown>>

/** The lines from that number on whose fields have these values. */
function linesWith(fields: Fields, from = 0) {
  return logger.lines
    .slice(from)
    .map((line) => ({ ...line, fields: line.fields as Fields }))
    .filter((line) => Object.entries(fields).every(([name, value]) => line.fields[name] === value))
}

/** The only one of them, once it is there. */
async function lineWith(fields: Fields, from = 0) {
  await eventually(() => linesWith(fields, from).length > 0)
  const [line, ...others] = linesWith(fields, from)
  expect(others).toEqual([])
  if (line === undefined) throw new Error('It was there.')
  return line
}

/** A sample of /metrics. */
async function metric(name: string, labels: Fields): Promise<number> {
  const { body } = await send(port, { path: '/metrics', headers: ada.headers })
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${String(value)}"`)
  const line = body.split('\n').find((one) => one.startsWith(`${name}{`) && parts.every((part) => one.includes(part)))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const fibonacci = `mutation Compute($n: Int!) {
  computeFibonacci(input: { n: $n }, options: { waitMs: 20000 }) {
    ... on ComputeFibonacciAccepted { job { id state } }
  }
}`

describe('the line of an operation', () => {
  it('says what was asked, by whom, over what, how it ended and how long it took', async () => {
    const from = logger.lines.length
    const answer = await post(port, { query: 'query Mine { me { id } __typename }' }, ada.headers)
    const { me } = answer.json().data as { readonly me: { readonly id: string } }
    const { level, fields, message } = await lineWith({ field: 'me' }, from)
    expect(level).toBe('info')
    expect(fields).toEqual({
      requestId: answer.headers['x-request-id'],
      kind: 'query',
      field: 'me',
      operationName: 'Mine',
      transport: 'http',
      code: 'OK',
      ms: expect.any(Number),
      userId: me.id,
    })
    expect(message).toBe(`query me ${String(fields['ms'])} ms OK`)
  })

  it('has the code of a refusal that is an answer', async () => {
    const from = logger.lines.length
    const wrong = 'mutation { signIn(input: { email: "ada@example.com", password: "not that one" }) { __typename } }'
    const answer = await post(port, { query: wrong })
    expect(answer.json()).toEqual({ data: { signIn: { __typename: 'InvalidCredentialsError' } } })
    const { fields, message } = await lineWith({ field: 'signIn' }, from)
    expect(fields).toMatchObject({ kind: 'mutation', code: 'INVALID_CREDENTIALS' })
    expect(message).toMatch(/^mutation signIn [\d.]+ ms INVALID_CREDENTIALS$/)
  })

  it('joins the line of the job that it submitted', async () => {
    const from = logger.lines.length
    const { computeFibonacci: accepted } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(fibonacci, {
      n: 20,
    })
    const request = await lineWith({ field: 'computeFibonacci' }, from)
    expect(request.fields['jobIds']).toEqual([accepted.job.id])
    const job = await lineWith({ jobId: accepted.job.id, ownerId: request.fields['userId'] }, from)
    expect(job.level).toBe('info')
    expect(job.fields).toEqual({
      jobId: accepted.job.id,
      task: 'computeFibonacci',
      ownerId: request.fields['userId'],
      state: 'SUCCEEDED',
      failedAttempts: 0,
      waitedMs: expect.any(Number),
      ranMs: expect.any(Number),
      cpuMs: expect.any(Number),
    })
    expect(job.message).toBe(`job computeFibonacci ${String(job.fields['ranMs'])} ms SUCCEEDED`)
  })

  it('names the key of whoever used one', async () => {
    const { createApiKey } = await ada.request<{ createApiKey: { key: string; apiKey: { id: string } } }>(
      `mutation { createApiKey(input: { name: "mine", scopes: [JOBS_READ] }) {
        ... on ApiKeyIssued { key apiKey { id } }
      } }`,
    )
    const from = logger.lines.length
    await post(port, { query: '{ jobs(first: 1) { __typename } }' }, { 'x-api-key': createApiKey.key })
    const { fields } = await lineWith({ field: 'jobs' }, from)
    expect(fields['keyId']).toBe(createApiKey.apiKey.id)
  })

  it.each([
    ['a document that cannot be read', '{', 'GRAPHQL_PARSE_FAILED'],
    ['a document that does not fit', '{ secretNonsense }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('says of %s nothing but how it was refused', async (_, query, code) => {
    const from = logger.lines.length
    await post(port, { query })
    const { fields, message } = await lineWith({ transport: 'http' }, from)
    expect(fields).toMatchObject({ kind: 'none', field: 'none', code, userId: null })
    expect(message).toMatch(new RegExp(`^operation [\\d.]+ ms ${code}$`))
    expect(JSON.stringify(logger.lines.slice(from))).not.toContain('secretNonsense')
  })

  it('is there for a credential that is refused, which is no operation yet', async () => {
    const from = logger.lines.length
    await post(port, { query: '{ me { id } }' }, { authorization: 'Bearer nonsense' })
    const { fields } = await lineWith({ transport: 'http' }, from)
    expect(fields).toMatchObject({ kind: 'none', code: 'UNAUTHENTICATED', userId: null })
  })

  it.each([
    ['a cursor', { after: 1 }, 'CURSOR_INVALID'],
    ['a place', 'nowhere', 'BAD_REQUEST'],
  ])('is there and counted for %s that cannot be read, over a socket as well', async (_, resume, code) => {
    const from = logger.lines.length
    const labels = { kind: 'none', transport: 'websocket', code }
    const before = await metric('millrace_operations_total', labels)
    const raw = await openAcknowledged(`${app.url}/graphql`, ada.headers)
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { jobs { at } }', extensions: { resume } } })
    expect(await raw.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code } }] })
    raw.socket.close()
    expect((await lineWith({ transport: 'websocket' }, from)).fields).toMatchObject({ kind: 'none', code })
    expect(await metric('millrace_operations_total', labels)).toBe(before + 1)
  })

  it('says several where there are several fields', async () => {
    const from = logger.lines.length
    await post(port, { query: '{ one: me { id } ...more } fragment more on Query { authMethods { __typename } }' })
    const { fields } = await lineWith({ transport: 'http' }, from)
    expect(fields['field']).toBe('several')
  })

  it('is there for an upload', async () => {
    const from = logger.lines.length
    await ada.upload('a.txt', 'hello')
    const { fields } = await lineWith({ transport: 'upload' }, from)
    expect(fields).toMatchObject({ kind: 'mutation', field: 'uploadArtifact', code: 'OK' })
  })

  it('is counted', async () => {
    const labels = { kind: 'query', field: 'roles', transport: 'http', code: 'GRAPHQL_VALIDATION_FAILED' }
    expect(await metric('millrace_operations_total', labels)).toBe(0)
    const ok = { kind: 'query', field: 'authMethods', transport: 'http', code: 'OK' }
    const before = await metric('millrace_operations_total', ok)
    await post(port, { query: '{ authMethods { __typename } }' })
    await post(port, { query: '{ authMethods { __typename } }' })
    expect(await metric('millrace_operations_total', ok)).toBe(before + 2)
    const duration = { kind: 'query', field: 'authMethods' }
    expect(await metric('millrace_operation_duration_seconds_count', duration)).toBeGreaterThanOrEqual(2)
  })
})

describe.each(transports)('a stream over %s', (transport) => {
  it('has its lines and is counted', async () => {
    const { computeFibonacci: accepted } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(fibonacci, {
      n: 10,
    })
    const from = logger.lines.length
    const label = { ws: 'websocket', sse: 'sse', poll: 'poll' }[transport]
    const [opens, deliveries] = [
      await metric('millrace_stream_opens_total', { transport: label, status: 'recovered' }),
      await metric('millrace_stream_deliveries_total', { transport: label }),
    ]
    const token = ada.headers['authorization']?.replace('Bearer ', '') ?? ''
    await using client = openClient[transport]({ url: `${app.url}/graphql`, token })
    const query = 'subscription Watch($id: ID!) { job(id: $id) { at } }'
    const answers = client.watch({ query, variables: { id: accepted.job.id } }, { after: 'earliest' })
    await takeAnswers(answers, 2)
    await answers.return()
    await eventually(() => linesWith({ transport: label, stream: 'ended' }, from).length > 0)
    const [ended] = linesWith({ transport: label, stream: 'ended' }, from)
    expect(ended?.message).toMatch(/^subscription job ended after \d+ ms, \d+ frames: (LEFT|COMPLETE)$/)
    expect(ended?.fields['frames']).toBeGreaterThanOrEqual(2)
    const opened = linesWith({ transport: label, kind: 'subscription' }, from)
    expect(opened.length).toBe(label === 'poll' ? 0 : 1)
    expect(await metric('millrace_stream_opens_total', { transport: label, status: 'recovered' })).toBeGreaterThan(
      opens,
    )
    expect(await metric('millrace_stream_deliveries_total', { transport: label })).toBeGreaterThanOrEqual(
      deliveries + 2,
    )
    await eventually(async () => (await metric('millrace_streams', { transport: label })) === 0)
  })
})

describe('the line of another request', () => {
  it('has the path of the table and nothing that a client made up', async () => {
    const from = logger.lines.length
    const answer = await send(port, { path: '/artifacts/hidden?token=hidden' })
    await send(port, { path: '/hidden?hidden=hidden' })
    const { fields, message } = await lineWith({ route: '/artifacts/' }, from)
    expect(fields).toEqual({
      requestId: answer.headers['x-request-id'],
      route: '/artifacts/',
      method: 'GET',
      status: answer.status,
      ms: expect.any(Number),
      code: expect.any(String),
    })
    expect(message).toContain(`GET /artifacts/ ${String(fields['ms'])} ms ${answer.status}`)
    expect((await lineWith({ route: 'other' }, from)).fields['status']).toBe(404)
    expect(JSON.stringify(logger.lines.slice(from))).not.toContain('hidden')
  })

  it('is there where an operation was refused before it could be read', async () => {
    const from = logger.lines.length
    await send(port, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })
    const { fields } = await lineWith({ route: '/graphql' }, from)
    expect(fields).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  it('of a probe is for those who want to know all', async () => {
    const from = logger.lines.length
    await send(port, { path: '/livez' })
    expect((await lineWith({ route: '/livez' }, from)).level).toBe('debug')
  })

  it('is counted by route and status', async () => {
    const labels = { route: 'other', status: 404 }
    const before = await metric('millrace_http_responses_total', labels)
    await send(port, { path: '/nowhere' })
    await eventually(async () => (await metric('millrace_http_responses_total', labels)) === before + 1)
  })

  it('is counted as what a proxy asks for with the whole URL', async () => {
    const labels = { route: '/livez', status: 200 }
    const before = await metric('millrace_http_responses_total', labels)
    await send(port, { path: `${app.url}/livez?a` })
    await eventually(async () => (await metric('millrace_http_responses_total', labels)) === before + 1)
  })
})

describe('the figures', () => {
  it('count what happens to accounts', async () => {
    const labels = { event: 'SIGN_IN_FAILED', outcome: 'FAILURE' }
    const before = await metric('millrace_account_events_total', labels)
    const input = { email: 'ada@example.com', password: 'wrong wrong wrong', delivery: 'TOKENS' }
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }'
    await post(port, { query, variables: { input } })
    expect(await metric('millrace_account_events_total', labels)).toBe(before + 1)
  })

  it('tell how late live events are, once for all who asked the same', async () => {
    const before = await metric('millrace_stream_lag_seconds_count', {})
    const sockets = await Promise.all([1, 2].map(() => openAcknowledged(`${app.url}/graphql`, ada.headers)))
    for (const raw of sockets) {
      raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { jobs { __typename } }' } })
      await raw.next()
    }
    await ada.request(fibonacci, { n: 9 })
    // It is queued, runs and succeeds.
    for (const raw of sockets) for (let event = 0; event < 3; event += 1) await raw.next()
    expect(await metric('millrace_stream_lag_seconds_count', {})).toBe(before + 3)
    for (const raw of sockets) raw.socket.close()
  })

  it('count jobs by task and state', async () => {
    const labels = { task: 'computeFibonacci', state: 'SUCCEEDED' }
    const before = await metric('millrace_jobs_total', labels)
    await ada.request(fibonacci, { n: 7 })
    expect(await metric('millrace_jobs_total', labels)).toBe(before + 1)
    expect(await metric('millrace_job_run_seconds_count', { task: 'computeFibonacci' })).toBeGreaterThan(0)
    expect(await metric('millrace_job_wait_seconds_count', { task: 'computeFibonacci' })).toBeGreaterThan(0)
  })
})
