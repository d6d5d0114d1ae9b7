import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperationError } from '../../client/frame.ts'
import { subscribe, type TransportName } from '../../client/subscribe.ts'
import type { App } from '../../src/app.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let app: App
let ada: SignedInUser
let bob: SignedInUser
let root: SignedInUser
let file: string
let job: string

beforeAll(async () => {
  app = await openTestApp()
  ada = await signUpAt(app.url, 'ada')
  bob = await signUpAt(app.url, 'bob')
  root = await signUpAt(app.url, 'root', app.setupToken)
  file = await ada.upload('numbers.csv', 'n\n1\n2\n3\n')
  const { profileTable } = await ada.request<{ profileTable: { job: { id: string } } }>(
    'mutation ($file: ID!) { profileTable(input: { file: $file }, options: { waitMs: 10000 }) { ... on ProfileTableAccepted { job { id } } } }',
    { file },
  )
  job = profileTable.job.id
})

afterAll(() => app[Symbol.asyncDispose]())

const readJob = 'query ($id: ID!) { job(id: $id) { id state } }'
const readFile = 'query ($id: ID!) { artifact(id: $id) { id fileName } }'
const page = 'query ($after: String) { jobs(after: $after) { nodes { id } } }'
const download = (id: string, headers: Readonly<Record<string, string>>) =>
  fetch(`${app.url}/artifacts/${id}`, { headers })

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) =>
      error instanceof OperationError ? String(error.code) : String(error).replace(/^Error: (\w+):.*/s, '$1'),
  )
}

async function watch(user: SignedInUser, transport: TransportName, id: string): Promise<unknown[]> {
  const operation = { query: 'subscription ($id: ID!) { job(id: $id) { __typename } }', variables: { id } }
  return Array.fromAsync(
    subscribe({ url: `${app.url}/graphql`, operation, transport, headers: user.headers, after: 'earliest' }),
  )
}

/** The cursor of a job in its owner's list. */
async function cursorOf(id: string): Promise<string | undefined> {
  const query = '{ jobs { edges { cursor node { id } } } }'
  const { jobs } = await ada.request<{ jobs: { edges: { cursor: string; node: { id: string } }[] } }>(query)
  return jobs.edges.find(({ node }) => node.id === id)?.cursor
}

describe("someone else's job and file", () => {
  it('are null in queries, as those that never were', async () => {
    expect(await ada.request(readJob, { id: job })).toEqual({ job: { id: job, state: 'SUCCEEDED' } })
    expect(await bob.request(readJob, { id: job })).toEqual({ job: null })
    expect(await bob.request(readJob, { id: 'job_01h455vb4pex5vsknk084sn02q' })).toEqual({ job: null })
    expect(await ada.request(readFile, { id: file })).toEqual({ artifact: { id: file, fileName: 'numbers.csv' } })
    expect(await bob.request(readFile, { id: file })).toEqual({ artifact: null })
  })

  it('are not listed', async () => {
    expect(await bob.request('{ jobs { nodes { id } } }')).toEqual({ jobs: { nodes: [] } })
    expect(await bob.request(page, { after: await cursorOf(job) })).toEqual({ jobs: { nodes: [] } })
    expect(await ada.request('{ jobs { nodes { id } } }')).toEqual({ jobs: { nodes: [{ id: job }] } })
  })

  it('are NOT_FOUND in mutations', async () => {
    expect(await codeOf(bob.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: job }))).toBe(
      'NOT_FOUND',
    )
    const submit = 'mutation ($file: ID!) { profileTable(input: { file: $file }) { __typename } }'
    expect(await codeOf(bob.request(submit, { file }))).toBe('NOT_FOUND')
    expect(await bob.request('{ jobs { nodes { id } } }')).toEqual({ jobs: { nodes: [] } })
  })

  it.each(['ws', 'sse', 'poll'] as const)('are NOT_FOUND as a stream over %s', async (transport) => {
    expect(await codeOf(watch(bob, transport, job))).toBe('NOT_FOUND')
    expect((await watch(ada, transport, job)).length).toBeGreaterThan(2)
  })

  it('are 404 as a download', async () => {
    const own = await download(file, ada.headers)
    expect(await own.text()).toBe('n\n1\n2\n3\n')
    expect((await download(file, bob.headers)).status).toBe(404)
    expect((await download('art_01h455vb4pex5vsknk084sn02q', bob.headers)).status).toBe(404)
    expect((await download(file, {})).status).toBe(401)
  })

  it('can be read by an administrator, who is no stranger', async () => {
    expect(await root.request(readJob, { id: job })).toEqual({ job: { id: job, state: 'SUCCEEDED' } })
  })
})

describe('somebody who has signed out', () => {
  it('has a token that is refused at once, on every transport', async () => {
    const eve = await signUpAt(app.url, 'eve')
    await eve.request('mutation { signOut }')
    expect(await codeOf(eve.request('{ me { id } }'))).toBe('SESSION_REVOKED')
    for (const transport of ['sse', 'poll'] as const)
      expect(await codeOf(watch(eve, transport, job))).toBe('SESSION_REVOKED')
    await expect(watch(eve, 'ws', job)).rejects.toThrow(OperationError)
  })
})

describe('two apps in one process', () => {
  it('know nothing of each other', async () => {
    await using other = await openTestApp()
    expect(other.url).not.toBe(app.url)
    const stranger = await fetch(`${other.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...ada.headers },
      body: '{"query":"{ me { id } }"}',
    })
    expect(await stranger.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    const same = await signUpAt(other.url, 'ada')
    expect(await same.request('{ jobs { nodes { id } } }')).toEqual({ jobs: { nodes: [] } })
  })
})
