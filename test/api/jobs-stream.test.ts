import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribe } from '../../client/subscribe.ts'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createTestApp } from '../support/create-test-app.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

const query = `subscription {
  jobs {
    __typename
    ... on JobsSnapshot { jobs { nodes { id state } pageInfo { hasNextPage } } }
    ... on JobStateChanged { job { id state output artifacts { id } history { number }
      ... on ComputeFibonacciJob { result { value } } } }
  }
}`

interface Told {
  readonly __typename: string
  readonly jobs?: { readonly nodes: readonly { readonly id: string }[] }
  readonly job?: { readonly id: string; readonly state: string; readonly output: unknown }
}

let folder: TestFolder
let app: App
let ada: SignedInUser
let bob: SignedInUser

async function openApp(): Promise<App> {
  const config = { ...readConfig({ PORT: '0', COMPUTE_THREADS: '1' }), dataDir: folder.path }
  const opened = await createTestApp(config, { logger: collectingLogger(), passwordCost: 4 })
  await opened.listen()
  return opened
}

beforeAll(async () => {
  folder = await makeTestFolder()
  app = await openApp()
  ada = await signUpAt(app.url, 'ada')
  bob = await signUpAt(app.url, 'bob')
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** The first so many frames of a stream. */
async function watch(user: Pick<SignedInUser, 'headers'>, count: number, after: string | null = null) {
  const frames: { readonly told: Told; readonly cursor: string; readonly gap: boolean }[] = []
  const stream = subscribe<{ jobs: Told }>({
    url: `${app.url}/graphql`,
    operation: { query },
    transport: 'sse',
    headers: user.headers,
    after,
  })
  for await (const { data, extensions } of stream) {
    const { cursor = '', gap = false } = extensions?.resume ?? {}
    if (data === null || data === undefined) throw new Error('A frame has no data.')
    frames.push({ told: data.jobs, cursor, gap })
    if (frames.length === count) break
  }
  return frames
}

const states = (frames: Awaited<ReturnType<typeof watch>>) =>
  frames.map(({ told }) => told.job?.state ?? told.__typename)

async function compute(user: SignedInUser): Promise<string> {
  const { computeFibonacci } = await user.request<{ computeFibonacci: { job: { id: string } } }>(
    `mutation { computeFibonacci(input: { n: 10 }, options: { waitMs: 10000, memo: BYPASS }) {
      ... on ComputeFibonacciAccepted { job { id } } } }`,
  )
  return computeFibonacci.job.id
}

describe('subscription jobs', () => {
  it('opens with a snapshot, and a cursor of it gives the states of all that was entered since, over a restart', async () => {
    const [opening] = await watch(ada, 1)
    expect(opening?.told).toEqual({ __typename: 'JobsSnapshot', jobs: { nodes: [], pageInfo: { hasNextPage: false } } })
    const ids = [await compute(ada), await compute(ada)]
    await compute(bob)
    const live = await watch(ada, 6, opening?.cursor ?? '')
    expect(states(live)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED', 'QUEUED', 'RUNNING', 'SUCCEEDED'])
    expect(live.map(({ told }) => told.job?.id)).toEqual(ids.flatMap((id) => [id, id, id]))
    expect(live[2]?.told.job).toMatchObject({
      output: { value: 55 },
      result: { value: 55 },
      history: [{ number: 1 }],
    })

    await app[Symbol.asyncDispose]()
    app = await openApp()
    ada = await signInAt(app.url, ada)
    bob = await signInAt(app.url, bob)
    expect(states(await watch(ada, 4, live[1]?.cursor ?? ''))).toEqual(['SUCCEEDED', 'QUEUED', 'RUNNING', 'SUCCEEDED'])
    expect(states(await watch(bob, 1))).toEqual(['JobsSnapshot'])
  })

  it('gives nobody the jobs of somebody else by their cursor', async () => {
    const [opening] = await watch(ada, 1)
    await compute(ada)
    expect(await watch(bob, 1, opening?.cursor ?? '')).toMatchObject([
      { told: { __typename: 'JobsSnapshot' }, gap: true },
    ])
  })
})
