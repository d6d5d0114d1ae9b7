import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { eventually } from '../support/eventually.ts'
import { bodyOf, multipart, openPost, post } from '../support/http/requests.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { openLiveStream } from '../support/live-streams.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { openAcknowledged } from '../support/raw-socket.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let app: App
let root: SignedInUser
let ada: SignedInUser

beforeAll(async () => {
  app = await openTestApp()
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
})
afterAll(() => app[Symbol.asyncDispose]())

const port = () => Number(new URL(app.url).port)
const graphql = () => `${app.url}/graphql`
const run = (user: Pick<SignedInUser, 'headers'>, query: string, variables = {}) =>
  runAs(app.url, user, query, variables)

const message = 'Down until eleven. 😀'
const setMaintenance = `mutation ($on: Boolean!, $message: String) {
  setMaintenance(on: $on, message: $message) {
    __typename ... on RuntimeSettings { maintenance { message } maintenanceBy } ... on Error { code }
  }
}`

/** Sets it, and waits until every process has heard of it. */
async function set(on: boolean): Promise<unknown> {
  const answer = await root.request(setMaintenance, { on, message })
  const expected = JSON.stringify({ data: { maintenance: on ? { message } : null } })
  await eventually(async () => {
    const told = await Promise.all([1, 2, 3, 4].map(() => run({ headers: {} }, '{ maintenance { message } }')))
    return told.every(({ body }) => body === expected)
  })
  return answer
}

describe('maintenance', () => {
  const begin = () => set(true)
  afterEach(() => set(false))

  const submit = 'mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }'
  const refusal = [503, 'MAINTENANCE', message]

  it('is seen by everybody', async () => {
    const query = '{ maintenance { message } }'
    expect((await run({ headers: {} }, query)).json()).toEqual({ data: { maintenance: null } })
    const { me } = await root.request<{ me: { id: string } }>('{ me { id } }')
    expect(await begin()).toEqual({
      setMaintenance: { __typename: 'RuntimeSettings', maintenance: { message }, maintenanceBy: me.id },
    })
    for (const who of [{ headers: {} }, ada, root])
      expect((await run(who, query)).json()).toEqual({ data: { maintenance: { message } } })
  })

  it('refuses what would change anything, with any credential and over any transport, and says when to come back', async () => {
    const newKey =
      'mutation { createApiKey(input: { name: "k", scopes: [JOBS_WRITE] }) { ... on ApiKeyIssued { key } } }'
    const { createApiKey } = await ada.request<{ createApiKey: { key: string } }>(newKey)
    const key = { headers: { 'x-api-key': createApiKey.key } }
    await begin()
    for (const who of [ada, key]) {
      const answer = await run(who, submit)
      expect([errorOf(answer), answer.headers['retry-after'], 'data' in answer.json()]).toEqual([refusal, '30', false])
    }
    const socket = await openAcknowledged(graphql(), ada.headers)
    socket.send({ id: '1', type: 'subscribe', payload: { query: submit } })
    const told = JSON.stringify((await socket.next()).payload)
    expect([told.includes('"MAINTENANCE"'), told.includes(message)]).toEqual([true, true])
    socket.socket.close()
    const poll = { ...ada.headers, accept: 'application/vnd.millrace.poll+json' }
    const events = { ...ada.headers, accept: 'text/event-stream' }
    expect((await post(port(), { query: submit }, poll)).body).toContain('"MAINTENANCE"')
    expect((await post(port(), { query: submit }, events)).body).toContain('"MAINTENANCE"')
    expect(await ada.request('{ jobs { nodes { id } } }')).toEqual({ jobs: { nodes: [] } })
  })

  it('refuses an upload before its files are sent', async () => {
    await begin()
    const query = 'mutation ($f: Upload!) { uploadArtifact(file: $f) { id } }'
    const body = multipart([
      { name: 'operations', value: JSON.stringify({ query, variables: { f: null } }) },
      { name: 'map', value: '{"0":["variables.f"]}' },
      { name: '0', value: 'a\n1\n', fileName: 'a.csv', type: 'text/csv' },
    ])
    const form = { 'content-type': 'multipart/form-data; boundary=boundary', 'content-length': body.length }
    const request = openPost(port(), { ...ada.headers, ...form })
    const answer = bodyOf(request)
    // Nothing but the head is there.
    request.flushHeaders()
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('MAINTENANCE') })
    request.destroy()
  })

  it('lets streams, running jobs and administrators go on', async () => {
    const fibonacci =
      'mutation { computeFibonacci(input: { n: 45 }) { ... on ComputeFibonacciAccepted { job { id } } } }'
    const { computeFibonacci } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(fibonacci)
    const { id } = computeFibonacci.job
    const query = `subscription { job(id: "${id}") { job { state } } }`
    const before = await openLiveStream.ws(graphql(), ada.headers, { query })
    await begin()
    const during = await openLiveStream.ws(graphql(), ada.headers, { query })
    expect(await ada.request(`{ job(id: "${id}") { id } }`)).toEqual({ job: { id } })
    expect(await root.request(submit)).toEqual({ submitJob: { __typename: 'JobAccepted' } })
    expect(errorOf(await run(ada, `mutation { cancelJob(id: "${id}") { id } }`))).toEqual([200, undefined, undefined])
    for (const stream of [before, during]) {
      while (!JSON.stringify(await stream.next()).includes('"CANCELLED"'));
      stream.close()
    }
  })

  it('lets everybody in and out', async () => {
    await begin()
    const again = await signInAt(app.url, ada)
    expect(await again.request('{ me { email } }')).toEqual({ me: { email: ada.email } })
    const stepUp = 'mutation { startStepUp { __typename } }'
    expect((await run(again, stepUp)).json().errors).toBeUndefined()
    expect(await again.request('mutation { signOut }')).toEqual({ signOut: true })
    await expect(signUpAt(app.url, 'new')).rejects.toThrow(`MAINTENANCE: ${message}`)
  })

  it('is over when it was ended', async () => {
    await begin()
    await set(false)
    expect((await run(ada, submit)).json().errors).toBeUndefined()
  })
})
