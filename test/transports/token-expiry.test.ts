import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribe, type TransportName, transports } from '../../client/subscribe.ts'
import type { App } from '../../src/app.ts'
import { parseCursor } from '../../src/core/cursor.ts'
import { eventually } from '../support/eventually.ts'
import { endsWithin, openLiveStreams } from '../support/live-streams.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

/** Much shorter than the settings allow: a token that runs out in the middle of a job. Of whole seconds. */
const accessTokenMs = 3_000

let app: App
let count = 0

beforeAll(async () => {
  app = await openTestApp({ accessTokenMs, computeThreads: 1 })
})
afterAll(() => app[Symbol.asyncDispose]())

const watch = (id: string) => ({
  query: 'subscription ($id: ID!) { job(id: $id) { __typename job { state } } }',
  variables: { id },
})

interface Tokens {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
}

/** Signs in each time that the last token is about to run out, as a program with a refresh token would ask for the next. */
function tokenSource({ email, password }: SignedInUser) {
  let tokens: Tokens | null = null
  let issued = 0
  return {
    get issued() {
      return issued
    },
    async headers() {
      if (tokens === null || Date.parse(tokens.accessTokenExpiresAt) - Date.now() < 100) {
        const response = await fetch(`${app.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query: `mutation ($input: SignInInput!) {
              signIn(input: $input) { ... on SignInSuccess { tokens { accessToken accessTokenExpiresAt } } }
            }`,
            variables: { input: { email, password, delivery: 'TOKENS' } },
          }),
        })
        // What the operation asks for.
        tokens = ((await response.json()) as { data: { signIn: { tokens: Tokens } } }).data.signIn.tokens
        issued += 1
      }
      return { authorization: `Bearer ${tokens.accessToken}` }
    },
  }
}

async function newcomer(): Promise<SignedInUser> {
  count += 1
  return signUpAt(app.url, `user${count}`)
}

async function submit(user: SignedInUser, n: number): Promise<string> {
  const { computeFibonacci } = await user.request<{ computeFibonacci: { job: { id: string } } }>(
    'mutation ($n: Int!) { computeFibonacci(input: { n: $n }) { ... on ComputeFibonacciAccepted { job { id } } } }',
    { n },
  )
  return computeFibonacci.job.id
}

async function cancel(user: SignedInUser, id: string): Promise<void> {
  const headers = { ...(await tokenSource(user).headers()), 'content-type': 'application/json' }
  const body = JSON.stringify({
    query: 'mutation ($id: ID!) { cancelJob(id: $id) { id } }',
    variables: { id },
  })
  await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
}

/** The offsets of what the client sees of a job, and the state that it ended in. */
async function watchToTheEnd(id: string, transport: TransportName, headers: () => Promise<Record<string, string>>) {
  const offsets: unknown[] = []
  let state: unknown
  const url = `${app.url}/graphql`
  for await (const frame of subscribe({ url, operation: watch(id), transport, headers, after: 'earliest' })) {
    offsets.push(parseCursor(frame.extensions?.resume?.cursor ?? '')?.offset)
    // What the operation asks for.
    state = (frame.data?.['job'] as { job: { state: string } } | undefined)?.job.state
  }
  return { offsets, state }
}

describe('a token that runs out while a job is watched', () => {
  it('ends its streams on every transport within a second', async () => {
    const user = await newcomer()
    // A thread of each member, of which a cluster has two.
    const busy = [await submit(user, 45), await submit(user, 45)]
    const waiting = await submit(user, 45)
    const streams = await openLiveStreams(`${app.url}/graphql`, user.headers, watch(waiting))
    expect(await endsWithin(accessTokenMs + 1_000, streams)).toEqual([4403, 'UNAUTHENTICATED', 'UNAUTHENTICATED'])
    for (const id of [waiting, ...busy]) await cancel(user, id)
  })

  it('is replaced by the client on every transport, which sees each event of the job once and in order', async () => {
    const user = await newcomer()
    // Hold the job up until the tokens have run out.
    const busy = [await submit(user, 45), await submit(user, 45)]
    const id = await submit(user, 30)
    // The keys are the names.
    const names = Object.keys(transports) as TransportName[]
    const tokens = names.map(() => tokenSource(user))
    const views = names.map((name, index) => watchToTheEnd(id, name, async () => tokens[index]?.headers() ?? {}))
    await eventually(() => tokens.every(({ issued }) => issued >= 3), 30_000)
    for (const one of busy) await cancel(user, one)
    for (const { offsets, state } of await Promise.all(views)) {
      expect(state).toBe('SUCCEEDED')
      expect(offsets.length).toBeGreaterThan(2)
      expect(offsets).toEqual(offsets.map((_, place) => place + 1))
    }
  }, 60_000)
})
