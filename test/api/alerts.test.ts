import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openClient, transports } from '../support/clients/open-client.ts'
import { type Answer, type StreamClient, takeAnswers } from '../support/clients/stream-client.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createTestApp } from '../support/create-test-app.ts'
import { eventually } from '../support/eventually.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { openLiveStreams } from '../support/live-streams.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const clock = fakeClock(Date.now())
const logger = collectingLogger()
const opened = new AsyncDisposableStack()
/** What the webhook was sent. */
const sent: { kind: string; status: string; text: string; message: string; source: string }[] = []
let app: App
let root: SignedInUser
let ada: SignedInUser

async function openHook(): Promise<string> {
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => sent.push(JSON.parse(text)))
    request.on('end', () => response.end('ok'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.defer(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cr3t`
}

beforeAll(async () => {
  const folder = opened.use(await makeTestFolder())
  const config = readConfig({ PORT: '0', COMPUTE_THREADS: '1', ALERT_WEBHOOK_URL: await openHook() })
  // No disk has so much.
  const operations = { ...config.operations, diskFreeBytes: Number.MAX_SAFE_INTEGER }
  app = await createTestApp(
    { ...config, dataDir: join(folder.path, 'data'), operations },
    { logger, clock, passwordCost: 4 },
  )
  opened.use(app)
  await app.listen()
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
  await eventually(async () => (await list()).nodes.length === 1)
})
afterAll(() => opened.disposeAsync())

const graphql = () => `${app.url}/graphql`
const fields = 'id kind severity isActive message value limit unit member nodeId raisedAt toldAt clearedAt'
const query = `query ($active: Boolean, $first: Int! = 20, $after: String) {
  alerts(active: $active, first: $first, after: $after) {
    edges { cursor } nodes { ${fields} } pageInfo { hasNextPage endCursor }
  }
}`
const watch = `subscription { alerts {
  __typename at
  ... on AlertsSnapshot { active { ${fields} } }
  ... on AlertRaised { alert { ${fields} } }
  ... on AlertRepeated { alert { ${fields} } }
  ... on AlertCleared { alert { ${fields} } }
} }`

interface Listed {
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
}

const list = async (variables = {}) => (await root.request<{ alerts: Listed }>(query, variables)).alerts

async function keyWith(scopes: readonly string[]): Promise<Pick<SignedInUser, 'headers'>> {
  const create = `mutation ($scopes: [Scope!]!) {
    createApiKey(input: { name: "k", scopes: $scopes }) { ... on ApiKeyIssued { key } }
  }`
  const { createApiKey } = await root.request<{ createApiKey: { key: string } }>(create, { scopes })
  return { headers: { 'x-api-key': createApiKey.key } }
}

const lowDisk = {
  id: expect.stringMatching(/^alr_/),
  kind: 'DISK_LOW',
  severity: 'CRITICAL',
  isActive: true,
  message: expect.stringMatching(/^\d+ MB are free on the disk of the data folder\.$/),
  value: expect.any(Number),
  limit: Number.MAX_SAFE_INTEGER,
  unit: 'BYTES',
  member: 1,
  nodeId: expect.stringMatching(/^node_/),
  raisedAt: expect.any(String),
  toldAt: expect.any(String),
  clearedAt: null,
}

/** What is told first to who has come so far. */
async function first(client: StreamClient, after: string | null): Promise<Answer> {
  const stream = client.watch({ query: watch }, { after })
  const [answer = {}] = await takeAnswers(stream, 1)
  await stream.return()
  return answer
}

const timeOf = (alert: Listed['nodes'][number] | undefined, field: string) => Date.parse(String(alert?.[field]))

describe('the alerts of a server', () => {
  it('are listed, whichever process is asked, one for the disk that all of them share', async () => {
    const pages = [await list(), await list({ active: true }), await list({ active: false }), await list()]
    expect(pages.map(({ nodes }) => nodes)).toEqual([[lowDisk], [lowDisk], [], [lowDisk]])
    expect(pages[0]).toMatchObject({ pageInfo: { hasNextPage: false, endCursor: expect.any(String) } })
  })

  it('are for administrators, and for keys with the scope', async () => {
    for (const [who, status, code] of [
      [{ headers: {} }, 401, 'UNAUTHENTICATED'],
      [ada, 403, 'INSUFFICIENT_SCOPE'],
      [await keyWith(['JOBS_READ']), 403, 'INSUFFICIENT_SCOPE'],
    ] as const) {
      expect(errorOf(await runAs(app.url, who, query)).slice(0, 2)).toEqual([status, code])
    }
    expect((await runAs(app.url, await keyWith(['ADMIN']), query)).json().data).toMatchObject({
      alerts: { nodes: [{ kind: 'DISK_LOW' }] },
    })
    const stranger = await openAcknowledged(graphql(), ada.headers)
    stranger.send({ id: '1', type: 'subscribe', payload: { query: watch } })
    expect(JSON.stringify((await stranger.next()).payload)).toContain('INSUFFICIENT_SCOPE')
    stranger.socket.close()
  })

  it('come in pages of 1 to 100, after a cursor of theirs', async () => {
    for (const variables of [{ first: 0 }, { first: 101 }, { after: 'x' }, { after: '' }, { after: 'dXNyXzE' }])
      expect(errorOf(await runAs(app.url, root, query, variables))[1]).toBe('INVALID_INPUT')
    const { pageInfo } = (await list({ first: 1 })) as unknown as { pageInfo: { endCursor: string } }
    expect((await list({ first: 1, after: pageInfo.endCursor })).nodes).toEqual([])
  })

  it('are told on every transport: what lasts, and again every five minutes; who comes back misses none', async () => {
    const token = root.headers['authorization']?.replace('Bearer ', '') ?? ''
    await using opening = new AsyncDisposableStack()
    const clients = transports.map((transport) => opening.use(openClient[transport]({ url: graphql(), token })))
    const before = await Promise.all(clients.map((client) => first(client, null)))
    const snapshot = { __typename: 'AlertsSnapshot', at: expect.any(String), active: [lowDisk] }
    expect(before.map(({ data }) => data)).toEqual(clients.map(() => ({ alerts: snapshot })))
    const live = await openLiveStreams(graphql(), root.headers, { query: watch })
    clock.advance(5 * 60_000)
    for (const stream of live) {
      expect(JSON.stringify(await stream.next())).toMatch(/"__typename":"AlertRepeated".*"kind":"DISK_LOW"/)
      stream.close()
    }
    const repeated = { alerts: { __typename: 'AlertRepeated', alert: lowDisk } }
    const raised = { alerts: { __typename: 'AlertRaised', alert: lowDisk } }
    for (const [index, client] of clients.entries()) {
      const { data, extensions } = await first(client, before[index]?.extensions?.resume?.cursor ?? '')
      expect(data).toMatchObject(repeated)
      expect(extensions?.resume).toMatchObject({ status: 'recovered', gap: false, replayed: 1 })
      expect((await first(client, 'earliest')).data).toMatchObject(raised)
    }
    const [alert] = (await list()).nodes
    expect(timeOf(alert, 'toldAt') - timeOf(alert, 'raisedAt')).toBeGreaterThanOrEqual(300_000)
  })

  it('are sent to the webhook and written to the log, which never tells its address; the end of the server clears them', async () => {
    await eventually(() => sent.length === 2)
    await app.close(0)
    expect(sent.map(({ kind, status }) => [kind, status])).toEqual([
      ['DISK_LOW', 'raised'],
      ['DISK_LOW', 'repeated'],
      ['DISK_LOW', 'cleared'],
    ])
    expect(sent[2]?.message).toMatch(/^The process stopped\. Before: \d+ MB are free/)
    expect(sent[0]?.text).toMatch(/^\[http:\/\/localhost:\d+, member 1\] CRITICAL DISK_LOW raised: \d+ MB are free/)
    const lines = logger.lines.filter(({ fields: facts }) => 'alert' in facts)
    expect(lines.map(({ level }) => level)).toEqual(['error', 'error', 'info'])
    expect(lines[0]?.fields).toMatchObject({ alert: 'DISK_LOW', limit: Number.MAX_SAFE_INTEGER, unit: 'BYTES' })
    expect(JSON.stringify(logger.lines)).not.toContain('s3cr3t')
  })
})
