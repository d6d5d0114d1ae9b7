import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { bodyOf, multipart, openPost, post, send, type TestAnswer } from '../support/http/requests.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { openKeptConnection } from '../support/kept-connection.ts'
import { openLiveStream } from '../support/live-streams.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { openRawHttp, rawPost } from '../support/raw-http.ts'
import { openRawSse } from '../support/raw-sse.ts'
import { openAcknowledged, openRawSocket } from '../support/raw-socket.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

/** What the test says that it is. */
const pressure = { value: 0, reason: 'loop delay', over: [] } as { value: number; reason: 'loop delay'; over: [] }
/** Some of each class, the ones before it, or the ones behind it as well. */
const under = { noneRefused: 0, workRefused: 1 / 3, stillOnlyWork: 0.3334, changesRefused: 2 / 3, all: 1 }

let app: App
let root: SignedInUser
let ada: SignedInUser

beforeAll(async () => {
  app = await openTestApp({}, { pressure })
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
})
afterAll(() => app[Symbol.asyncDispose]())
afterEach(() => {
  pressure.value = 0
})

const port = () => Number(new URL(app.url).port)
const graphql = () => `${app.url}/graphql`
const run = (query: string, user: Pick<SignedInUser, 'headers'> = ada) => runAs(app.url, user, query)
const codeOf = async (query: string, user?: SignedInUser) => errorOf(await run(query, user))[1]

const read = '{ me { email } }'
const change = 'mutation { __typename }'
const stepUp = 'mutation { startStepUp { __typename } }'
const submit = 'mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }'
const sentence = 'The server has more to do than it can carry: try again after the given time.'
const refusal = [503, 'OVERLOADED', sentence]
const json = { accept: 'application/json', 'content-type': 'application/json' }

/** What differs from answer to answer. */
function headersOf({ headers }: TestAnswer): Readonly<Record<string, unknown>> {
  const { date: _date, 'retry-after': _wait, 'x-request-id': _id, 'content-length': _length, ...rest } = headers
  return rest
}

describe('load shedding', () => {
  it.each([
    [under.noneRefused, undefined, undefined, undefined],
    [under.workRefused, 'OVERLOADED', undefined, undefined],
    [under.stillOnlyWork, 'OVERLOADED', undefined, undefined],
    [under.changesRefused, 'OVERLOADED', 'OVERLOADED', undefined],
    [under.all, 'OVERLOADED', 'OVERLOADED', 'OVERLOADED'],
  ])('at pressure %f answers new jobs, changes and reads with %s, %s and %s', async (value, ...expected) => {
    pressure.value = value
    expect([await codeOf(submit), await codeOf('mutation { __typename }'), await codeOf(read)]).toEqual(expected)
  })

  it('says so with the status, the code, and the time to wait', async () => {
    pressure.value = under.all
    const answer = await run(read)
    expect(errorOf(answer)).toEqual(refusal)
    const wait = Number(answer.headers['retry-after'])
    expect(wait).toBeGreaterThanOrEqual(5)
    expect(wait).toBeLessThanOrEqual(15)
    expect(answer.json()).toEqual({
      errors: [{ message: sentence, extensions: { code: 'OVERLOADED', retryAfterSeconds: wait } }],
    })
  })

  it('decides by what the operation is, however its text is written', async () => {
    const hidden = [
      '# a note\nmutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }',
      `fragment F on Mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } } mutation { ...F }`,
    ]
    pressure.value = under.changesRefused
    for (const query of hidden) expect(await codeOf(query)).toBe('OVERLOADED')
    pressure.value = under.stillOnlyWork
    for (const query of hidden) expect(await codeOf(query)).toBe('OVERLOADED')
    const both = `query A ${read} mutation B { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }`
    const ask = (operationName: string) => post(port(), { operationName, query: both }, { ...json, ...ada.headers })
    expect(errorOf(await ask('A'))[1]).toBeUndefined()
    expect(errorOf(await ask('B'))[1]).toBe('OVERLOADED')
    // Who names something that is never refused beside it has won nothing.
    pressure.value = under.all
    expect(await codeOf('{ me { email } } # cancelJob')).toBe('OVERLOADED')
    expect(await codeOf('query cancelJob { me { email } }')).toBe('OVERLOADED')
  })

  it('lets cancels, the ways out and probes through at full pressure', async () => {
    const { computeFibonacci } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(
      'mutation { computeFibonacci(input: { n: 45 }) { ... on ComputeFibonacciAccepted { job { id } } } }',
    )
    const other = await signUpAt(app.url, 'grace')
    pressure.value = under.all
    const { id } = computeFibonacci.job
    expect((await run(`mutation { cancelJob(id: "${id}") { id } }`)).json()).toEqual({ data: { cancelJob: { id } } })
    expect(await other.request('mutation { signOut }')).toEqual({ signOut: true })
    for (const path of ['/livez', '/readyz', '/.well-known/jwks.json'])
      expect((await send(port(), { path })).status).toBe(200)
    expect((await send(port(), { method: 'POST', path: '/auth/sign-out' })).status).toBe(204)
  })

  it('lets administrators do what they must at full pressure, and nobody else', async () => {
    const setLevel = 'mutation { setLogLevel(level: INFO) { __typename } }'
    const system = 'subscription { systemStatus { __typename } }'
    const before = await openAcknowledged(graphql(), root.headers)
    pressure.value = under.all
    expect(await root.request(setLevel)).toEqual({ setLogLevel: { __typename: 'RuntimeSettings' } })
    expect(await root.request('mutation { setMaintenance(on: false) { __typename } }')).toBeDefined()
    expect(await root.request('{ runtimeSettings { logLevel } heapSnapshots { id } }')).toBeDefined()
    expect(await root.request('{ systemStatus { processes { shedding { pressure } } } }')).toMatchObject({
      systemStatus: { processes: expect.arrayContaining([{ shedding: { pressure: 1 } }]) },
    })
    expect(await root.request(stepUp)).toEqual({ startStepUp: { __typename: expect.any(String) } })
    expect(await codeOf('mutation { deleteHeapSnapshot(id: "snap_none") }', root)).toBe('NOT_FOUND')
    const disable = 'mutation { disableUser(id: "usr_01h455vb4pex5vsknk084sn02q") { __typename } }'
    expect(await codeOf(disable, root)).toBe('NOT_FOUND')
    for (const query of [system, 'subscription { alerts { __typename } }']) {
      const sent = {
        method: 'POST',
        headers: { ...json, ...root.headers, accept: 'text/event-stream' },
        body: JSON.stringify({ query }),
      }
      const stream = await openRawSse(graphql(), sent)
      expect(await stream.nextEvent()).toMatchObject({ event: 'next' })
      stream.close()
    }
    before.send({ id: '1', type: 'subscribe', payload: { query: system } })
    expect((await before.next()).type).toBe('next')
    before.socket.close()
    for (const query of [setLevel, stepUp, change, disable, '{ heapSnapshots { id } }'])
      expect(await codeOf(query, ada)).toBe('OVERLOADED')
    const told = await post(port(), { query: system }, { ...ada.headers, accept: 'text/event-stream' })
    expect(errorOf(told)).toEqual(refusal)
  })

  it('spares nobody who is not known, and no more of a user than a few', async () => {
    const [flooder, other] = [await signUpAt(app.url, 'flooder'), await signUpAt(app.url, 'other')]
    const cancel = 'mutation { cancelJob(id: "no id") { id } }'
    pressure.value = under.all
    const nobody = { headers: {} }
    const pretender = { headers: { cookie: 'millrace=made-up', origin: new URL(app.url).origin } }
    for (const user of [nobody, pretender])
      for (const query of ['mutation { signOut }', 'mutation { a: signOut b: signOut }', '{ __typename } # alerts'])
        expect(errorOf(await run(query, user))).toEqual(refusal)
    expect(await codeOf('mutation { a: signOut b: signOut }', other)).toBe('OVERLOADED')
    const codes: unknown[] = []
    // Over a socket, where no door looks at them.
    pressure.value = under.noneRefused
    const socket = await openAcknowledged(graphql(), flooder.headers)
    pressure.value = under.all
    for (let i = 0; i < 30; i += 1) {
      socket.send({ id: `${i}`, type: 'subscribe', payload: { query: cancel } })
      const { payload } = await socket.next()
      const text = JSON.stringify(payload)
      codes.push(/NOT_FOUND|OVERLOADED/.exec(text)?.[0])
      if (text.includes('"data"')) await socket.next()
    }
    socket.socket.close()
    expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'NOT_FOUND'))
    expect(codes).toContain('OVERLOADED')
    expect(await codeOf(cancel, other)).toBe('NOT_FOUND')
  })

  it('refuses on every transport', async () => {
    const query = 'subscription { jobs { __typename } }'
    const before = await openAcknowledged(graphql(), ada.headers)
    const stream = await openLiveStream.ws(graphql(), ada.headers, { query })
    pressure.value = under.changesRefused
    await expect(openRawSocket(graphql(), { headers: ada.headers })).rejects.toThrow('503')
    before.send({ id: '1', type: 'subscribe', payload: { query } })
    const [told] = (await before.next()).payload as [{ extensions: { code: string; retryAfterSeconds: number } }]
    expect(told.extensions).toEqual({ code: 'OVERLOADED', retryAfterSeconds: expect.any(Number) })
    before.send({ id: '2', type: 'subscribe', payload: { query: read } })
    expect((await before.next()).payload).toEqual({ data: { me: { email: ada.email } } })
    expect((await before.next()).type).toBe('complete')
    for (const accept of ['text/event-stream', 'application/vnd.millrace.poll+json']) {
      const answer = await post(port(), { query }, { ...ada.headers, accept })
      expect(errorOf(answer)).toEqual(refusal)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    const events = { ...ada.headers, accept: 'text/event-stream' }
    const get = await send(port(), { path: `/graphql?query=${encodeURIComponent(query)}`, headers: events })
    expect(errorOf(get)).toEqual(refusal)
    pressure.value = under.all
    before.send({ id: '3', type: 'subscribe', payload: { query: read } })
    expect(JSON.stringify((await before.next()).payload)).toContain('OVERLOADED')
    const plain = { ...ada.headers, accept: 'application/json' }
    const asked = await send(port(), { path: `/graphql?query=${encodeURIComponent(read)}`, headers: plain })
    expect(errorOf(asked)).toEqual(refusal)
    // What was open before goes on.
    pressure.value = under.noneRefused
    await ada.request(submit)
    pressure.value = under.all
    expect(JSON.stringify(await stream.next())).toContain('"jobs"')
    stream.close()
    before.socket.close()
  })

  it('refuses an upload before its files are sent', async () => {
    pressure.value = under.workRefused
    const query = 'mutation ($f: Upload!) { uploadArtifact(file: $f) { id } }'
    const body = multipart([
      { name: 'operations', value: JSON.stringify({ query, variables: { f: null } }) },
      { name: 'map', value: '{"0":["variables.f"]}' },
      { name: '0', value: 'a\n1\n', fileName: 'a.csv', type: 'text/csv' },
    ])
    const form = { 'content-type': 'multipart/form-data; boundary=boundary', 'content-length': body.length }
    const request = openPost(port(), { ...ada.headers, ...form })
    const answer = bodyOf(request)
    request.flushHeaders()
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('OVERLOADED') })
    request.destroy()
  })

  it.each(['application/json', 'application/graphql-response+json', 'text/event-stream', '*/*'])(
    'has the same headers and the same form as every refusal for who takes %s, prepared or not',
    async (accept) => {
      const origin = new URL(app.url).origin
      const pages: readonly { readonly origin?: string }[] = [{}, { origin }, { origin: 'https://elsewhere.example' }]
      for (const more of pages) {
        const ask = (query: string, variables: object = {}) =>
          post(port(), { query, variables }, { ...ada.headers, ...(more as Record<string, string>), accept })
        pressure.value = under.noneRefused
        const served = await ask(read)
        pressure.value = under.all
        const prepared = await ask(read)
        expect(prepared.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
        expect(prepared.status).toBe(503)
        expect(prepared.headers['access-control-allow-origin']).toBe(more.origin === origin ? origin : undefined)
        // What no page may ask at all is told so, as soon as there is time to look.
        if (more.origin !== undefined && more.origin !== origin) continue
        // For the gate to decide, or too long to come in one piece with its head.
        const gate = await ask(`${read} # cancelJob`)
        const long = await ask(read, { a: 'x'.repeat(200_000) })
        expect(headersOf(gate)).toEqual(headersOf(prepared))
        for (const answer of [gate, long])
          expect([answer.status, errorOf(answer)[2]]).toEqual([prepared.status, errorOf(prepared)[2]])
        if (accept === 'text/event-stream') continue
        for (const answer of [served, long]) expect(headersOf(answer)).toEqual(headersOf(prepared))
      }
    },
  )

  it('keeps connections, and goes on with what comes next on them', async () => {
    using connection = openKeptConnection(app.url)
    const told: (string | null)[] = []
    for (const value of [under.all, under.noneRefused, under.all, under.all, under.noneRefused]) {
      pressure.value = value
      const { code } = await connection.ask(ada.headers, read)
      told.push(code)
    }
    expect(told).toEqual(['OVERLOADED', null, 'OVERLOADED', 'OVERLOADED', null])
  })

  it('answers requests that come at once over one connection in their order', async () => {
    pressure.value = under.all
    const requests = Array.from({ length: 20 }, (_, i) =>
      rawPost({ query: read, operationName: `a${i}` }, 'application/json'),
    )
    const raw = await openRawHttp(port(), requests.join(''))
    await raw.until('a')
    const count = () => raw.received.split('HTTP/1.1 503 ').length - 1
    await expect.poll(count).toBe(20)
    raw.socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await raw.until('HTTP/1.1 200 OK')
    expect(raw.closed).toBe(false)
    raw.socket.destroy()
  })

  it('takes bodies that come in pieces, are large, too large, or no JSON', async () => {
    pressure.value = under.all
    const headers = { ...ada.headers, ...json }
    const large = JSON.stringify({ query: read, variables: { a: 'x'.repeat(256 * 1024 - 100) } })
    expect(errorOf(await send(port(), { method: 'POST', headers, body: large }))).toEqual(refusal)
    const tooLarge = JSON.stringify({ query: read, variables: { a: 'x'.repeat(256 * 1024) } })
    expect(errorOf(await send(port(), { method: 'POST', headers, body: tooLarge }))[1]).toBe('PAYLOAD_TOO_LARGE')
    for (const body of ['', '{', 'null', '[]', Buffer.from([0xff, 0xfe, 0x00])])
      expect(errorOf(await send(port(), { method: 'POST', headers, body }))[0]).toBe(503)
    const request = openPost(port(), { ...headers, 'transfer-encoding': 'chunked' })
    const answer = bodyOf(request)
    request.write('{"query":"{ me ')
    request.flushHeaders()
    setImmediate(() => request.end('{ email } }"}'))
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('OVERLOADED') })
    // What passes by its text is read from the start.
    const cancel = JSON.stringify({ query: 'mutation { cancelJob(id: "no id") { id } }' })
    expect(errorOf(await send(port(), { method: 'POST', headers, body: cancel }))[1]).toBe('NOT_FOUND')
  })

  it('counts what it refused', async () => {
    const figures = async () => {
      const metrics = { path: '/metrics', headers: root.headers }
      const { body } = await send(port(), metrics)
      const lines = body.split('\n').filter((line) => line.startsWith('millrace_shed_total{'))
      const of = (name: string) =>
        lines
          .filter((line) => line.includes(`class="${name}"`) && line.includes('reason="loop delay"'))
          .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
      return {
        work: of('work'),
        change: of('change'),
        read: of('read'),
        pressure: body.includes('millrace_shedding_pressure{'),
      }
    }
    const before = await figures()
    pressure.value = under.changesRefused
    await run(submit)
    await run(change)
    await run(read)
    const after = await figures()
    expect([after.work - before.work, after.change - before.change, after.read - before.read]).toEqual([1, 1, 0])
    expect(after.pressure).toBe(true)
    expect(app.shedding()).toMatchObject({ isOn: true, pressure: 2 / 3, over: [] })
  })
})

it('nothing is refused where load shedding is off', async () => {
  const full = { value: 1, reason: 'loop delay', over: [] } as const
  const { operations } = readConfig({ LOAD_SHEDDING: 'off' })
  await using off = await openTestApp({ operations }, { pressure: full })
  const user = await signUpAt(off.url, 'ada', off.setupToken)
  expect(await user.request(submit)).toEqual({ submitJob: { __typename: 'JobAccepted' } })
  expect(off.shedding()).toMatchObject({ isOn: false, pressure: 0 })
})
