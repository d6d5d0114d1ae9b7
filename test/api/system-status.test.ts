import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribe, transports, type TransportName } from '../../client/subscribe.ts'
import { type App, createApp } from '../../src/app.ts'
import { statusFields } from '../../src/cli/status-fields.ts'
import { readConfig } from '../../src/config.ts'
import { alone } from '../../src/compose/surroundings.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createTestApp, processNumbers } from '../support/create-test-app.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const query = `{ systemStatus { ${statusFields} } }`
const events = `subscription { systemStatus { __typename at status { ${statusFields} } } }`

interface Status {
  readonly at: string
  readonly silent: readonly number[]
  readonly processes: readonly { readonly number: number }[]
}

interface Told {
  readonly systemStatus: { readonly __typename: string; readonly status: Status }
}

const opened = new AsyncDisposableStack()
let folder: TestFolder
let app: App
let root: SignedInUser
let ada: SignedInUser

const configFor = ({ path }: TestFolder) => readConfig({ PORT: '0', COMPUTE_THREADS: '1', DATA_DIR: path })

beforeAll(async () => {
  folder = opened.use(await makeTestFolder())
  app = opened.use(await createTestApp(configFor(folder), { logger: collectingLogger(), passwordCost: 4 }))
  await app.listen()
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
})
afterAll(() => opened.disposeAsync())

async function keyOf(user: SignedInUser, scopes: readonly string[]): Promise<Pick<SignedInUser, 'headers'>> {
  const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(
    'mutation ($scopes: [Scope!]!) { createApiKey(input: { name: "k", scopes: $scopes }) { ... on ApiKeyIssued { key } } }',
    { scopes },
  )
  return { headers: { 'x-api-key': createApiKey.key } }
}

const number = expect.any(Number)

/** What the primary says of itself, which has no node and takes no requests, and what members do. */
const ofPrimary = { nodeId: null, load: { threads: 0 }, shedding: null, snapshot: null }
const ofMember = {
  nodeId: expect.stringMatching(/^node_/),
  load: { threads: 1, rssBytes: number, bus: { isLive: true } },
  shedding: { isOn: true, over: expect.any(Array), refused: { work: number } },
  snapshot: { pauseMs: number, sizeBytes: number, freeBytes: number },
}
const ofAll = {
  pid: process.pid,
  version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  nodeVersion: process.version,
  memory: {
    now: { rssBytes: number, heapLimitBytes: number, arrayBuffersBytes: number },
    spaces: expect.arrayContaining([{ name: 'new_space', usedBytes: number, sizeBytes: number }]),
    marks: expect.arrayContaining([{ label: 'start', sample: expect.objectContaining({ rssBytes: number }) }]),
  },
  loop: {
    gc: ['MINOR', 'MAJOR', 'INCREMENTAL', 'WEAKCB'].map((kind) => ({ kind, maxMs: number })),
    resources: expect.arrayContaining([{ type: expect.any(String), count: number }]),
  },
  alerts: expect.any(Array),
}
const expected = (place: number) => ({ number: place, ...ofAll, ...(place === 0 ? ofPrimary : ofMember) })

describe('the status of the system', () => {
  it('is that of every process, whichever is asked', async () => {
    // Operations go to the members in turn.
    for (const _turn of processNumbers) {
      const { systemStatus } = await root.request<{ systemStatus: Status }>(query)
      expect(systemStatus).toMatchObject({ silent: [], processes: processNumbers.map(expected) })
    }
  })

  it('is for administrators, and for keys with the scope', async () => {
    const run = (user: Pick<SignedInUser, 'headers'>) => runAs(app.url, user, '{ systemStatus { silent } }')
    expect(errorOf(await run({ headers: {} })).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED'])
    expect(errorOf(await run(ada)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    expect(errorOf(await run(await keyOf(root, ['JOBS_READ']))).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    expect((await run(await keyOf(root, ['ADMIN']))).json().data).toEqual({ systemStatus: { silent: [] } })
  })

  it('names a process that does not answer, and tells of the others', async () => {
    await using own = await makeTestFolder()
    const config = configFor(own)
    const place = alone(config)
    await using lonely = await createApp(config, {
      logger: collectingLogger(),
      passwordCost: 4,
      place: {
        ...place,
        async surround(parts) {
          const surroundings = await place.surround(parts)
          const { members } = surroundings
          const askAll: typeof members.askAll = async (...question) => [
            ...(await members.askAll(...question)),
            { number: 2, answer: null },
          ]
          return { ...surroundings, members: { ...members, askAll } }
        },
      },
    })
    await lonely.listen()
    const admin = await signUpAt(lonely.url, 'root', lonely.setupToken)
    const { systemStatus } = await admin.request<{ systemStatus: Status }>(query)
    expect(systemStatus).toMatchObject({ silent: [2], processes: [{ number: 1 }] })
  })
})

describe.each(Object.keys(transports) as TransportName[])('the stream of it over %s', (transport) => {
  const watch = (user: Pick<SignedInUser, 'headers'>, after: string | null) =>
    subscribe<Told>({
      url: `${app.url}/graphql`,
      operation: { query: events },
      transport,
      headers: user.headers,
      after,
      onGap: 'error',
    })

  it('opens with all processes, goes on with samples, and gives them again to who comes back', async () => {
    const frames: { told: Told['systemStatus']; cursor: string }[] = []
    for await (const { data, extensions } of watch(root, null)) {
      if (data) frames.push({ told: data.systemStatus, cursor: extensions?.resume?.cursor ?? '' })
      if (frames.length === 2) break
    }
    const [opening, sample] = frames
    expect(frames.map(({ told }) => told.__typename)).toEqual(['SystemSnapshot', 'SystemSampled'])
    for (const { told } of frames) {
      expect(told.status).toMatchObject({ silent: [], processes: processNumbers.map(expected) })
    }
    for await (const { data } of watch(root, opening?.cursor ?? '')) {
      expect(data?.systemStatus).toEqual(sample?.told)
      break
    }
  })

  it('is for administrators', async () => {
    await expect(watch(ada, null).next()).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
  })
})
