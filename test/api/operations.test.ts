import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { LogLevel } from '../../src/core/job.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { endsWithin, openLiveStreams } from '../support/live-streams.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let app: App
let root: SignedInUser
let ada: SignedInUser
const levels: (LogLevel | null)[] = []
const log = collectingLogger()
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  const folder = opened.use(await makeTestFolder())
  const config = readConfig({ PORT: '0', COMPUTE_THREADS: '2', DATA_DIR: folder.path })
  const logger = { ...log, setLevel: (level: LogLevel | null) => void levels.push(level) }
  app = opened.use(await createApp(config, { logger, passwordCost: 4 }))
  await app.listen()
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
})
afterAll(() => opened.disposeAsync())

const graphql = () => `${app.url}/graphql`
const run = (user: Pick<SignedInUser, 'headers'>, query: string, variables = {}) =>
  runAs(app.url, user, query, variables)

async function keyOf(user: SignedInUser, scopes: readonly string[]): Promise<Pick<SignedInUser, 'headers'>> {
  const query = `mutation ($scopes: [Scope!]!) {
    createApiKey(input: { name: "k", scopes: $scopes }) { ... on ApiKeyIssued { key } }
  }`
  const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(query, { scopes })
  return { headers: { 'x-api-key': createApiKey.key } }
}

/** Somebody who has become an administrator. */
async function newAdministrator(name: string): Promise<SignedInUser & { readonly id: string }> {
  const user = await signUpAt(app.url, name)
  const { me } = await user.request<{ me: { id: string } }>('{ me { id } }')
  await setRoles(me.id, ['USER', 'ADMIN'])
  return { ...(await signInAt(app.url, user)), id: me.id }
}

const setRoles = (id: string, roles: readonly string[]) =>
  root.request('mutation ($id: ID!, $roles: [Role!]!) { setUserRoles(id: $id, roles: $roles) { __typename } }', {
    id,
    roles,
  })

const load = `uptimeMs loopDelayP50Ms loopDelayP99Ms loopDelayMaxMs loopUtilization cpuCores rssBytes heapUsedBytes
  heapTotalBytes externalBytes threads busyThreads zombieThreads waitingAttempts connections streams bus { kind isLive since }`
const status = `at primaryPid isSupervised startedAt members {
  number nodeId pid state startedAt restarts lastEnd { at kind code signal reason } heardAt load { ${load} }
}`
const events = `subscription { clusterEvents {
  __typename at ... on ClusterSnapshot { status { ${status} } } ... on ClusterSampled { status { ${status} } }
} }`

interface Told {
  readonly clusterStatus: { readonly members: readonly [{ readonly load: { connections: number; streams: number } }] }
}

describe('the status of the processes', () => {
  it('is that of the one process where there is no other, with what is open there', async () => {
    const streams = await openLiveStreams(graphql(), ada.headers, { query: 'subscription { jobs { __typename } }' })
    const told = await root.request<Told>(`{ clusterStatus { ${status} } }`)
    expect(told.clusterStatus).toMatchObject({
      primaryPid: process.pid,
      isSupervised: false,
      members: [
        {
          number: 1,
          nodeId: expect.stringMatching(/^node_/),
          pid: process.pid,
          state: 'READY',
          restarts: 0,
          lastEnd: null,
          load: { threads: 2, busyThreads: 0, bus: { kind: 'LOCAL', isLive: true }, streams: 3 },
        },
      ],
    })
    // Those of the streams, and the one that the question came by.
    expect(told.clusterStatus.members[0].load.connections).toBeGreaterThanOrEqual(4)
    for (const stream of streams) stream.close()
  })

  it('is for administrators, and for keys with the scope', async () => {
    const query = '{ clusterStatus { primaryPid } }'
    expect(errorOf(await run({ headers: {} }, query)).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED'])
    expect(errorOf(await run(ada, query)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    expect(errorOf(await run(await keyOf(root, ['JOBS_READ']), query)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    expect((await run(await keyOf(root, ['ADMIN']), query)).json().data).toEqual({
      clusterStatus: { primaryPid: process.pid },
    })
  })

  it('is told on every transport, anew as time goes by, and to nobody else', async () => {
    const streams = await openLiveStreams(graphql(), root.headers, { query: events })
    for (const stream of streams) {
      expect(JSON.stringify(await stream.next())).toMatch(/"__typename":"ClusterSampled".*"threads":2/)
      stream.close()
    }
    const stranger = await openAcknowledged(graphql(), ada.headers)
    stranger.send({ id: '1', type: 'subscribe', payload: { query: events } })
    expect(JSON.stringify((await stranger.next()).payload)).toContain('INSUFFICIENT_SCOPE')
    stranger.socket.close()
  })

  it('is told no more to who is no administrator any more', async () => {
    const { id, headers } = await newAdministrator('eve')
    const streams = await openLiveStreams(graphql(), headers, { query: events })
    await setRoles(id, ['USER'])
    expect(await endsWithin(5_000, streams)).toEqual([4403, 'UNAUTHENTICATED', 'UNAUTHENTICATED'])
  })
})

describe('the log level', () => {
  it('is set by administrators, for all that the process logs', async () => {
    const query = `mutation ($level: LogLevel) {
      setLogLevel(level: $level) { __typename ... on RuntimeSettings { logLevel } ... on Error { code } }
    }`
    const set = async (level: string | null) => (await run(root, query, { level })).json().data
    expect(await set('DEBUG')).toEqual({ setLogLevel: { __typename: 'RuntimeSettings', logLevel: 'DEBUG' } })
    expect(await root.request('{ runtimeSettings { logLevel maintenance { message } maintenanceBy } }')).toEqual({
      runtimeSettings: { logLevel: 'DEBUG', maintenance: null, maintenanceBy: null },
    })
    expect(await set(null)).toEqual({ setLogLevel: { __typename: 'RuntimeSettings', logLevel: null } })
    expect(levels).toEqual(['debug', null])
    const said = log.lines.filter(({ message }) => message === 'The log level was changed.')
    expect(said.map(({ fields }) => fields)).toEqual([{ logLevel: 'debug' }, { logLevel: 'LOG_LEVEL' }])
    const other = '{ runtimeSettings { logLevel } }'
    expect(errorOf(await run(ada, other)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    const { data } = (await run(root, '{ auditEvents { nodes { event details } } }')).json()
    expect(JSON.stringify(data)).toContain('LOG_LEVEL_SET')
  })
})
