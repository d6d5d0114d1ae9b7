import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { endsWithin, openLiveStream, openLiveStreams } from '../support/live-streams.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let app: App
let bob: SignedInUser
let count = 0

beforeAll(async () => {
  app = await openTestApp({ computeThreads: 1 })
  bob = await signUpAt(app.url, 'bob')
  // Keep the threads busy, of which a cluster has two, so that the jobs below stay as they are.
  await submit(bob)
  await submit(bob)
})
afterAll(() => app[Symbol.asyncDispose]())

const url = () => `${app.url}/graphql`

const watch = (id: string) => ({
  query: 'subscription ($id: ID!) { job(id: $id) { __typename job { state } } }',
  variables: { id },
})

async function submit(user: SignedInUser): Promise<string> {
  const { computeFibonacci } = await user.request<{ computeFibonacci: { job: { id: string } } }>(
    'mutation { computeFibonacci(input: { n: 45 }) { ... on ComputeFibonacciAccepted { job { id } } } }',
  )
  return computeFibonacci.job.id
}

/** Somebody new with a job that waits. */
async function newcomer() {
  count += 1
  const user = await signUpAt(app.url, `user${count}`)
  const { me, sessions } = await user.request<{ me: { id: string }; sessions: readonly { id: string }[] }>(
    '{ me { id } sessions { id } }',
  )
  return { user, userId: me.id, sessionId: sessions[0]?.id ?? '', job: watch(await submit(user)) }
}

type Newcomer = Awaited<ReturnType<typeof newcomer>>

const endings: Readonly<Record<string, (somebody: Newcomer) => Promise<unknown>>> = {
  'signing out': ({ user }) => user.request('mutation { signOut }'),
  'signing out everywhere': ({ user }) => user.request('mutation { signOutEverywhere }'),
  'being revoked by another session': async ({ user, sessionId }) =>
    (await signInAt(app.url, user)).request('mutation ($id: ID!) { revokeSession(id: $id) }', { id: sessionId }),
  'being one of the others that are revoked': async ({ user }) =>
    (await signInAt(app.url, user)).request('mutation { revokeOtherSessions }'),
  'a password change elsewhere': async ({ user }) =>
    (await signInAt(app.url, user)).request(
      `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }`,
      { input: { currentPassword: user.password, newPassword: 'another violet hum 8' } },
    ),
  'the user being disabled': ({ userId }) => app.services.accounts.disableUser(userId, null, null),
  'the user being deleted': ({ user }) =>
    user.request('mutation ($email: String!) { deleteAccount(email: $email) { __typename } }', { email: user.email }),
}

describe('the streams of a session', () => {
  it.each(Object.entries(endings))('end within a second on every transport with %s', async (_, end) => {
    const somebody = await newcomer()
    const streams = await openLiveStreams(url(), somebody.user.headers, somebody.job)
    await end(somebody)
    expect(await endsWithin(1_000, streams)).toEqual([4401, 'SESSION_REVOKED', 'SESSION_REVOKED'])
  })

  it('outlast the end of other sessions, of the same user and of others', async () => {
    const watched = await submit(bob)
    const others = await openLiveStreams(url(), bob.headers, watch(watched))
    const again = await signInAt(app.url, bob)
    await again.request('mutation { signOut }')
    for (const end of Object.values(endings)) await end(await newcomer())
    await bob.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: watched })
    for (const stream of others) {
      expect(JSON.stringify(await stream.next())).toContain('CANCELLED')
      stream.close()
    }
  })
})

describe('the streams of an API key', () => {
  const create = `mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { ... on ApiKeyIssued { key apiKey { id } } ... on Error { message } }
  }`
  const input = { name: 'watcher', scopes: ['JOBS_READ'] }
  interface Created {
    readonly createApiKey: { readonly key: string; readonly apiKey: { readonly id: string } }
  }

  it('end within a second on every transport when the key is revoked, and others do not', async () => {
    const { user, job } = await newcomer()
    const [doomed, other] = [
      await user.request<Created>(create, { input }),
      await user.request<Created>(create, { input }),
    ]
    const streams = await openLiveStreams(url(), { 'x-api-key': doomed.createApiKey.key }, job)
    const others = await openLiveStreams(url(), { 'x-api-key': other.createApiKey.key }, job)
    const own = await openLiveStream.ws(url(), user.headers, job)
    await user.request('mutation ($id: ID!) { revokeApiKey(id: $id) }', { id: doomed.createApiKey.apiKey.id })
    expect(await endsWithin(1_000, streams)).toEqual([4401, 'SESSION_REVOKED', 'SESSION_REVOKED'])
    await user.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: job.variables.id })
    for (const stream of [...others, own]) expect(JSON.stringify(await stream.next())).toContain('CANCELLED')
    for (const stream of [...others, own]) stream.close()
  })

  it('end within a second when its owner is disabled', async () => {
    const { user, userId, job } = await newcomer()
    const { createApiKey } = await user.request<Created>(create, { input })
    const streams = await openLiveStreams(url(), { 'x-api-key': createApiKey.key }, job)
    await app.services.accounts.disableUser(userId, null, null)
    expect(await endsWithin(1_000, streams)).toEqual([4401, 'SESSION_REVOKED', 'SESSION_REVOKED'])
  })
})

describe('a socket on which somebody signs out', () => {
  it('gets the answer, and is closed then', async () => {
    const { user, job } = await newcomer()
    const raw = await openAcknowledged(url(), user.headers)
    raw.send({ id: '1', type: 'subscribe', payload: job })
    await raw.next()
    raw.send({ id: '2', type: 'subscribe', payload: { query: 'mutation { signOut }' } })
    expect(await raw.next()).toEqual({ id: '2', type: 'next', payload: { data: { signOut: true } } })
    expect(await raw.next()).toEqual({ id: '2', type: 'complete' })
    expect((await raw.closed).code).toBe(4401)
    await expect(raw.next()).rejects.toThrow('closed')
  })

  it('does not wait for what takes longer', async () => {
    const { user } = await newcomer()
    const raw = await openAcknowledged(url(), user.headers)
    const query = `mutation { computeFibonacci(input: { n: 45 }, options: { waitMs: 20000 }) { __typename } }`
    raw.send({ id: '1', type: 'subscribe', payload: { query } })
    raw.send({ id: '2', type: 'subscribe', payload: { query: 'mutation { signOut }' } })
    const closed = raw.closed.then(({ code }) => code)
    expect(await raw.next()).toMatchObject({ id: '2', payload: { data: { signOut: true } } })
    expect(await endsWithin(1_000, [{ ended: closed, next: () => raw.next(), close: () => {} }])).toEqual([4401])
  })
})
