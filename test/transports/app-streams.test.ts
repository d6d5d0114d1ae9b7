import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { parseCursor } from '../../src/core/cursor.ts'
import { openClient, type Transport, transports } from '../support/clients/open-client.ts'
import { allAnswers, type Answer, takeAnswers } from '../support/clients/stream-client.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { openCuttableProxy } from '../support/cuttable-proxy.ts'
import { createTestApp } from '../support/create-test-app.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { openAcknowledged, openRawSocket } from '../support/raw-socket.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const watchJob = (id: string) => ({
  query: `subscription ($id: ID!) {
    job(id: $id) { __typename at job { id state } ... on JobProgressed { progress { fraction } } }
  }`,
  variables: { id },
})

let folder: TestFolder
let app: App
let ada: SignedInUser
let bob: SignedInUser

beforeAll(async () => {
  folder = await makeTestFolder()
  const config = readConfig({ DATA_DIR: folder.path, PORT: '0', COMPUTE_THREADS: '1' })
  app = await createTestApp(config, { logger: collectingLogger(), passwordCost: 4 })
  await app.listen()
  ada = await signUpAt(app.url, 'ada', app.setupToken)
  bob = await signUpAt(app.url, 'bob')
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const tokenOf = ({ headers }: SignedInUser) => headers['authorization']?.replace('Bearer ', '') ?? ''

function clientOf(user: SignedInUser | null, transport: Transport, port = new URL(app.url).port) {
  const url = `http://localhost:${port}/graphql`
  return openClient[transport](user === null ? { url } : { url, token: tokenOf(user) })
}

async function submit(user: SignedInUser, n: number): Promise<string> {
  const { computeFibonacci } = await user.request<{ computeFibonacci: { job: { id: string } } }>(
    'mutation ($n: Int!) { computeFibonacci(input: { n: $n }) { ... on ComputeFibonacciAccepted { job { id } } } }',
    { n },
  )
  return computeFibonacci.job.id
}

const offsets = (answers: readonly Answer[]) =>
  answers.map(({ extensions }) => parseCursor(extensions?.resume?.cursor ?? '')?.offset)
const codes = (answers: readonly Answer[]) => answers.map(({ errors }) => errors?.[0]?.extensions?.['code'])
interface Event {
  readonly __typename: string
  readonly job: { readonly state: string }
}

/** What the operation above asks for. */
const eventOf = (answer: Answer | undefined) => answer?.data?.['job'] as Event | undefined
const stateOf = (answer: Answer | undefined) => eventOf(answer)?.job.state

describe('a job that is watched while it runs', () => {
  it('tells each of its events once and in order although the transport changes and connections break', async () => {
    const id = await submit(ada, 39)
    await using proxy = await openCuttableProxy(Number(new URL(app.url).port))
    const seen: Answer[] = []
    let after: string | null = 'earliest'
    for (let turn = 0; stateOf(seen.at(-1)) !== 'SUCCEEDED'; turn += 1) {
      await using client = clientOf(ada, transports[turn % 3] ?? 'ws', String(proxy.port))
      const watch = client.watch(watchJob(id), { after, onGap: 'error' })
      const result = await watch.next()
      if (result.done === true) throw new Error('The stream ended before the job.')
      seen.push(result.value)
      // Not `watch.cursor`: more may have arrived than was taken.
      after = result.value.extensions?.resume?.cursor ?? null
      proxy.cut()
    }
    expect(offsets(seen)).toEqual(seen.map((_, index) => index + 1))
    expect(seen.length).toBeGreaterThan(3)
    for (const transport of transports) {
      await using client = clientOf(ada, transport)
      const again = await allAnswers(client.watch(watchJob(id), { after: 'earliest' }))
      expect(again.map(({ data }) => data)).toEqual(seen.map(({ data }) => data))
    }
  })
})

describe.each(transports)('over %s', (transport) => {
  it('a job opens with its state, and its stream ends with it', async () => {
    await using client = clientOf(ada, transport)
    const id = await submit(ada, 5)
    const answers = await allAnswers(client.watch(watchJob(id)))
    expect(eventOf(answers[0])?.__typename).toBe('JobSnapshot')
    expect(stateOf(answers.at(-1))).toBe('SUCCEEDED')
    const [ended, ...more] = await allAnswers(client.watch(watchJob(id)))
    expect([eventOf(ended)?.__typename, stateOf(ended), more]).toEqual(['JobSnapshot', 'SUCCEEDED', []])
  })

  it("someone else's job is as little there as one that never was, with a cursor too", async () => {
    const id = await submit(ada, 5)
    await using owner = clientOf(ada, transport)
    const [answer] = await takeAnswers(owner.watch(watchJob(id)), 1)
    const after = answer?.extensions?.resume?.cursor ?? ''
    await using other = clientOf(bob, transport)
    const refusals = await Promise.all([
      allAnswers(other.watch(watchJob(id))),
      allAnswers(other.watch(watchJob(id), { after })),
      allAnswers(other.watch(watchJob('job_00000000000000000000000000'))),
      allAnswers(other.watch(watchJob('nonsense'))),
    ])
    expect(refusals.map(codes)).toEqual([['NOT_FOUND'], ['NOT_FOUND'], ['NOT_FOUND'], ['NOT_FOUND']])
    expect(new Set(refusals.map(([refusal]) => refusal?.errors?.[0]?.message)).size).toBe(1)
  })

  it('nobody watches without having signed in', async () => {
    await using client = clientOf(null, transport)
    expect(codes(await allAnswers(client.watch(watchJob('job_00000000000000000000000000'))))).toEqual([
      'UNAUTHENTICATED',
    ])
  })

  it('a query and a mutation work', async () => {
    await using client = clientOf(ada, transport)
    expect(await client.request({ query: '{ me { displayName } }' })).toEqual({ data: { me: { displayName: 'ada' } } })
    const query = 'mutation { computeFibonacci(input: { n: 99 }) { __typename } }'
    expect(await client.request({ query })).toEqual({ data: { computeFibonacci: { __typename: 'InvalidInputError' } } })
  })
})

describe('a socket of the app', () => {
  it('is closed with 4403 for a token that is not valid, and with 4401 once the session is signed out', async () => {
    const wrong = await openRawSocket(`${app.url}/graphql`)
    wrong.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } })
    expect((await wrong.closed).code).toBe(4403)

    const eve = await signUpAt(app.url, 'eve')
    const raw = await openAcknowledged(`${app.url}/graphql`, { authorization: `Bearer ${tokenOf(eve)}` })
    await eve.request('mutation { signOut }')
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ me { id } }' } })
    expect((await raw.closed).code).toBe(4401)
  })

  it('is closed with 4408 when it has not introduced itself within three seconds', async () => {
    const opened = performance.now()
    const raw = await openRawSocket(`${app.url}/graphql`)
    expect((await raw.closed).code).toBe(4408)
    expect(performance.now() - opened).toBeGreaterThan(2_900)
    expect(performance.now() - opened).toBeLessThan(4_500)
  })

  it('cannot sign in with a cookie', async () => {
    const raw = await openAcknowledged(`${app.url}/graphql`)
    const input = `{ email: "${ada.email}", password: "${ada.password}", delivery: COOKIE }`
    const query = `mutation { signIn(input: ${input}) { __typename ... on Error { code message } } }`
    raw.send({ id: '1', type: 'subscribe', payload: { query } })
    const { type, payload } = await raw.next()
    expect(type).toBe('next')
    expect(JSON.stringify(payload)).not.toContain('SignInSuccess')
    raw.socket.close()
  })

  it('is refused to a page of another origin', async () => {
    const headers = { origin: 'https://evil.example' }
    await expect(openRawSocket(`${app.url}/graphql`, { headers })).rejects.toThrow('403')
  })
})

describe('the app, when it stops', () => {
  it('ends every stream so that its client comes back, and all of it is over in time', async () => {
    await using ownFolder = await makeTestFolder()
    const config = readConfig({ DATA_DIR: ownFolder.path, PORT: '0', COMPUTE_THREADS: '1' })
    const stopping = await createTestApp(config, { logger: collectingLogger(), passwordCost: 4 })
    await stopping.listen()
    const user = await signUpAt(stopping.url, 'zoe', stopping.setupToken)
    const id = await submit(user, 45)
    const raw = await openAcknowledged(`${stopping.url}/graphql`, { authorization: user.headers['authorization'] })
    raw.send({ id: '1', type: 'subscribe', payload: watchJob(id) })
    await raw.next()
    const headers = { ...user.headers, 'content-type': 'application/json', accept: 'text/event-stream' }
    const sse = await fetch(`${stopping.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(watchJob(id)) })
    const started = Date.now()
    await stopping.close(1_000)
    expect(Date.now() - started).toBeLessThan(5_000)
    expect((await raw.closed).code).toBe(1012)
    expect(await sse.text()).not.toContain('event: complete')
  })
})
