import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { newId } from '../../src/core/ids.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createTestApp } from '../support/create-test-app.ts'
import { eventually } from '../support/eventually.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { send } from '../support/http/requests.ts'
import { errorOf, runAs } from '../support/http/run-as.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { seedHeapSnapshot } from '../support/seed-heap-snapshot.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

const fields = 'id member pid threadId reason sizeBytes takenAt pausedMs url'
const list = `{ heapSnapshots { ${fields} } }`
const remove = 'mutation ($id: ID!) { deleteHeapSnapshot(id: $id) }'
const capture = `mutation ($member: Int, $thread: Int, $maxPauseMs: Int) {
  captureHeapSnapshot(member: $member, thread: $thread, maxPauseMs: $maxPauseMs) {
    __typename ... on HeapSnapshot { id threadId reason url } ... on Error { code message }
    ... on SnapshotRefusedError { estimate { pauseMs sizeBytes freeBytes memoryBytes availableBytes } }
  }
}`

const clock = fakeClock(Date.now())
const opened = new AsyncDisposableStack()
let app: App
let dataDir: string
let root: SignedInUser
let ada: SignedInUser
let adminKey: Pick<SignedInUser, 'headers'>

beforeAll(async () => {
  const folder = opened.use(await makeTestFolder())
  dataDir = folder.path
  const config = readConfig({ PORT: '0', COMPUTE_THREADS: '1', DATA_DIR: dataDir })
  app = opened.use(await createTestApp(config, { logger: collectingLogger(), passwordCost: 4, clock }))
  await app.listen()
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
  const issue = 'mutation { createApiKey(input: { name: "k", scopes: [ADMIN] }) { ... on ApiKeyIssued { key } } }'
  const { createApiKey } = await root.request<{ createApiKey: { key: string } }>(issue)
  adminKey = { headers: { 'x-api-key': createApiKey.key } }
})
afterAll(() => opened.disposeAsync())

type Caller = Pick<SignedInUser, 'headers'>
const nobody: Caller = { headers: {} }
const run = (caller: Caller, query: string, variables = {}) => runAs(app.url, caller, query, variables)
const port = () => Number(new URL(app.url).port)
const fetchSnapshot = (caller: Caller, id: string, method = 'GET') =>
  send(port(), { method, path: `/heap-snapshots/${id}`, headers: { accept: '*/*', ...caller.headers } })

interface Taken {
  readonly captureHeapSnapshot: { readonly id: string; readonly threadId: number }
}

interface Threads {
  readonly systemStatus: {
    readonly processes: readonly {
      readonly number: number
      readonly memory: { readonly threads: readonly { readonly threadId: number }[] }
    }[]
  }
}

interface Refused {
  readonly captureHeapSnapshot: { readonly __typename: string; readonly code: string; readonly estimate: object | null }
}

describe('heap snapshots', () => {
  it('are listed for administrators, keys with the scope among them', async () => {
    const { id, takenAt } = await seedHeapSnapshot(dataDir, { content: 'bytes', member: 2 })
    const expected = {
      id,
      member: 2,
      pid: 4711,
      threadId: null,
      reason: 'HEAP_HIGH',
      sizeBytes: 5,
      takenAt: new Date(takenAt).toISOString(),
      pausedMs: 250,
      url: `${app.url}/heap-snapshots/${id}`,
    }
    expect(await root.request(list)).toEqual({ heapSnapshots: [expected] })
    expect((await run(adminKey, list)).json().data).toEqual({ heapSnapshots: [expected] })
    expect(errorOf(await run(nobody, list)).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED'])
    expect(errorOf(await run(ada, list)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
  })

  it('are fetched and deleted by administrators in person, who have shown their factors lately; all of it is written down', async () => {
    const { id, path } = await seedHeapSnapshot(dataDir, { content: 'all that was in memory' })
    const refusals = [
      [nobody, [401, 'UNAUTHENTICATED']],
      [ada, [403, 'INSUFFICIENT_SCOPE']],
      [adminKey, [403, 'FORBIDDEN']],
    ] as const
    for (const [caller, refusal] of refusals) {
      expect(errorOf(await fetchSnapshot(caller, id)).slice(0, 2)).toEqual(refusal)
      // Of what there is and is not they learn the same.
      expect(errorOf(await fetchSnapshot(caller, newId('heapSnapshot'))).slice(0, 2)).toEqual(refusal)
      expect((await fetchSnapshot(caller, id, 'HEAD')).status).toBe(refusal[0])
      expect(errorOf(await run(caller, remove, { id })).slice(0, 2)).toEqual(refusal)
    }
    const answer = await fetchSnapshot(root, id)
    expect([answer.status, answer.body]).toEqual([200, 'all that was in memory'])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '22',
      'content-disposition': `attachment; filename="${id}.heapsnapshot"; filename*=UTF-8''${id}.heapsnapshot`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const head = await fetchSnapshot(root, id, 'HEAD')
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '22', ''])
    expect(await root.request(remove, { id })).toEqual({ deleteHeapSnapshot: true })
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(errorOf(await fetchSnapshot(root, id)).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
    expect(errorOf(await run(root, remove, { id }))[1]).toBe('NOT_FOUND')

    const query = '{ auditEvents(first: 2) { nodes { event details actor } } }'
    expect(await root.request(query)).toEqual({
      auditEvents: {
        nodes: [
          { event: 'HEAP_SNAPSHOT_DELETED', details: { snapshotId: id }, actor: 'USER' },
          { event: 'HEAP_SNAPSHOT_FETCHED', details: { snapshotId: id }, actor: 'USER' },
        ],
      },
    })
  })

  it.each(['../millrace.sqlite', '..%2fmillrace.sqlite', '%2e%2e/secret', 'a/b', '', 'hsn_x'])(
    'are all that an id leads to: not "%s"',
    async (id) => {
      const answer = await fetchSnapshot(root, id)
      expect(errorOf(answer).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
      expect(errorOf(await run(root, remove, { id }))[1]).toBe('NOT_FOUND')
    },
  )

  it('are not fetched by a page of somebody else, and by no other method', async () => {
    const { id } = await seedHeapSnapshot(dataDir)
    const foreign = { headers: { ...root.headers, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }
    expect((await fetchSnapshot({ headers: { ...foreign.headers, cookie: 'millrace=x' } }, id)).status).toBe(403)
    expect((await fetchSnapshot(root, id, 'POST')).status).toBe(405)
  })

  it('go out at the pace of the client, and are let go of when it goes', async () => {
    const size = 64 * 2 ** 20
    const { id, path } = await seedHeapSnapshot(dataDir, { content: Buffer.alloc(size, 'a') })
    const head = `host: localhost\r\nauthorization: ${root.headers['authorization']}\r\n\r\n`
    const ask = () => {
      const socket = connect(port(), 'localhost')
      socket.write(`GET /heap-snapshots/${id} HTTP/1.1\r\n${head}`)
      return socket
    }
    const slow = ask()
    await eventually(() => readPositions(path).length === 1)
    // What is read no further has filled the buffers of the kernel.
    let read = -1
    await eventually(async () => {
      const before = read
      await sleep(100)
      read = readPositions(path)[0] ?? size
      return read === before && read > 0
    })
    expect(read).toBeLessThan(size)
    let received = 0
    slow.on('data', (chunk) => (received += chunk.length))
    await eventually(() => received > size, 30_000)
    slow.destroy()
    await eventually(() => readPositions(path).length === 0)

    const impatient = ask()
    await eventually(() => readPositions(path).length === 1)
    impatient.destroy()
    await eventually(() => readPositions(path).length === 0)
  })
})

/** How far this process has read the file, for each time that it has it open. */
function readPositions(path: string): readonly number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) !== path) return []
      return [Number(/^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1])]
    } catch {
      // It was closed meanwhile.
      return []
    }
  })
}

describe('captureHeapSnapshot', () => {
  it('tells what one would cost, and takes none, without a pause or with one that is too short', async () => {
    for (const variables of [{}, { maxPauseMs: 1 }, { member: 1, maxPauseMs: 1 }]) {
      const { captureHeapSnapshot } = await root.request<Refused>(capture, variables)
      expect(captureHeapSnapshot).toMatchObject({
        __typename: 'SnapshotRefusedError',
        code: 'SNAPSHOT_REFUSED',
        message: expect.stringMatching(/^The process would answer nobody for up to [\d,]+ ms/),
        estimate: {
          pauseMs: expect.any(Number),
          sizeBytes: expect.any(Number),
          freeBytes: expect.any(Number),
          memoryBytes: expect.any(Number),
          availableBytes: expect.any(Number),
        },
      })
    }
    expect(JSON.stringify(await root.request(list))).not.toContain('ASKED_FOR')
  })

  it('is refused for a time that is none and for a process that is not there', async () => {
    for (const maxPauseMs of [0, -1, 600_001]) {
      const { captureHeapSnapshot } = await root.request<Refused>(capture, { maxPauseMs })
      expect(captureHeapSnapshot).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
    }
    for (const member of [0, -1, 99]) {
      const answer = await run(root, capture, { member, maxPauseMs: 1 })
      expect(errorOf(answer).slice(1)).toEqual(['NOT_FOUND', 'There is no such process.'])
    }
  })

  it('is of a thread for tasks that is asked for, by its number', async () => {
    const thea = await signInAt(app.url, await newAdministrator('thea'))
    const threads = '{ systemStatus { processes { number memory { threads { threadId } } } } }'
    const { systemStatus } = await thea.request<Threads>(threads)
    const thread = systemStatus.processes.find(({ number }) => number === 1)?.memory.threads[0]?.threadId
    const member = 1
    for (const [wrong, code] of [
      [0, 'INVALID_INPUT'],
      [-1, 'INVALID_INPUT'],
      [1_000_000, 'SNAPSHOT_REFUSED'],
    ]) {
      const { captureHeapSnapshot } = await thea.request<Refused>(capture, {
        member,
        thread: wrong,
        maxPauseMs: 600_000,
      })
      expect(captureHeapSnapshot).toMatchObject({ code })
    }
    const { captureHeapSnapshot: told } = await thea.request<Refused>(capture, { member, thread })
    expect(told).toMatchObject({
      message: expect.stringMatching(/^The thread would run no task for up to [\d,]+ ms: /),
    })

    // Those that are newer by the clock would be kept instead.
    for (const name of readdirSync(join(dataDir, 'snapshots'))) await rm(join(dataDir, 'snapshots', name))
    const { captureHeapSnapshot: taken } = await thea.request<Taken>(capture, { member, thread, maxPauseMs: 600_000 })
    expect(taken).toMatchObject({ __typename: 'HeapSnapshot', threadId: thread, reason: 'ASKED_FOR' })
    const answer = await fetchSnapshot(thea, taken.id)
    const { snapshot, nodes } = JSON.parse(answer.body)
    expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length)
    const query = '{ auditEvents(first: 2) { nodes { event details } } }'
    const { auditEvents } = await thea.request<{ auditEvents: { nodes: readonly object[] } }>(query)
    expect(auditEvents.nodes[1]).toMatchObject({
      event: 'HEAP_SNAPSHOT_TAKEN',
      details: { snapshotId: taken.id, member: 1, threadId: thread },
    })
    expect(await thea.request(remove, { id: taken.id })).toEqual({ deleteHeapSnapshot: true })
  }, 60_000)

  it('is for administrators in person', async () => {
    expect(errorOf(await run(nobody, capture)).slice(0, 2)).toEqual([401, 'UNAUTHENTICATED'])
    expect(errorOf(await run(ada, capture)).slice(0, 2)).toEqual([403, 'INSUFFICIENT_SCOPE'])
    expect(errorOf(await run(adminKey, capture)).slice(0, 2)).toEqual([403, 'FORBIDDEN'])
  })

  it('is limited for each user', async () => {
    const again = await signInAt(app.url, root)
    let last: Refused['captureHeapSnapshot'] | null = null
    for (let attempt = 0; attempt < 40 && last?.code !== 'RATE_LIMITED'; attempt += 1)
      last = (await again.request<Refused>(capture)).captureHeapSnapshot
    expect(last).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' })
  })

  it('asks for factors that were shown lately, as fetching and deleting do', async () => {
    const { id } = await seedHeapSnapshot(dataDir, { takenAt: clock.now() })
    const eve = await newAdministrator('eve')
    clock.advance(5 * 60_000)
    const stale = [403, 'STEP_UP_REQUIRED']
    expect(errorOf(await run(eve, capture, { maxPauseMs: 1 })).slice(0, 2)).toEqual(stale)
    expect(errorOf(await run(eve, remove, { id })).slice(0, 2)).toEqual(stale)
    expect(errorOf(await fetchSnapshot(eve, id)).slice(0, 2)).toEqual(stale)
    expect((await fetchSnapshot(eve, id, 'HEAD')).status).toBe(403)
    expect((await fetchSnapshot(await signInAt(app.url, eve), id)).status).toBe(200)
  })

  it('takes none at all where snapshots are off, and says so', async () => {
    await using folder = await makeTestFolder()
    const config = readConfig({ PORT: '0', COMPUTE_THREADS: '1', DATA_DIR: folder.path, HEAP_SNAPSHOTS: '0' })
    await using off = await createApp(config, { logger: collectingLogger(), passwordCost: 4 })
    await off.listen()
    const owner = await signUpAt(off.url, 'root', off.setupToken)
    const { captureHeapSnapshot } = await owner.request<Refused>(capture, { maxPauseMs: 600_000 })
    expect(captureHeapSnapshot).toMatchObject({
      code: 'SNAPSHOT_REFUSED',
      message: 'No heap snapshots are taken here: HEAP_SNAPSHOTS is 0.',
      estimate: null,
    })
    expect(await owner.request(list)).toEqual({ heapSnapshots: [] })
  })
})

/** Somebody who has become an administrator. */
async function newAdministrator(name: string): Promise<SignedInUser> {
  const user = await signUpAt(app.url, name)
  const { me } = await user.request<{ me: { id: string } }>('{ me { id } }')
  await root.request('mutation ($id: ID!) { setUserRoles(id: $id, roles: [USER, ADMIN]) { __typename } }', {
    id: me.id,
  })
  return signInAt(app.url, user)
}
