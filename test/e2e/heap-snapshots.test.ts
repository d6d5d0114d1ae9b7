import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder } from '../support/open-test-store.ts'
import { runNode, type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const capture = `mutation ($member: Int, $maxPauseMs: Int) {
  captureHeapSnapshot(member: $member, maxPauseMs: $maxPauseMs) {
    __typename ... on Error { message } ... on HeapSnapshot { id member pid reason pausedMs sizeBytes url }
  }
}`
const members = '{ clusterStatus { members { number pid restarts state } } }'

interface Captured {
  readonly captureHeapSnapshot: {
    readonly id: string
    readonly member: number
    readonly pid: number
    readonly pausedMs: number
    readonly sizeBytes: number
    readonly url: string
  }
}

interface Members {
  readonly clusterStatus: {
    readonly members: readonly { readonly number: number; readonly pid: number; readonly restarts: number }[]
  }
}

interface Loaded {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[] }
    readonly node_count: number
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

describe('a heap snapshot of a member of a cluster', () => {
  const opened = new AsyncDisposableStack()
  let dataDir: string
  let server: ServerProcess
  let root: SignedInUser

  beforeAll(async () => {
    const folder = opened.use(await makeTestFolder())
    dataDir = folder.path
    server = opened.use(await startServer(dataDir, { WEB_CONCURRENCY: '2', HEAP_SNAPSHOTS: '1' }))
    root = await signUpAt(server.url, 'root', server.setupToken)
  }, 60_000)
  afterAll(() => opened.disposeAsync())

  it('is taken there whoever is asked, kept for all, and the member is not taken for dead', async () => {
    const before = await root.request<Members>(members)
    const taken: Captured['captureHeapSnapshot'][] = []
    for (const member of [1, 2]) {
      const { captureHeapSnapshot } = await root.request<Captured>(capture, { member, maxPauseMs: 120_000 })
      const { pid } = before.clusterStatus.members.find(({ number }) => number === member) ?? {}
      expect(captureHeapSnapshot).toMatchObject({ __typename: 'HeapSnapshot', member, pid, reason: 'ASKED_FOR' })
      taken.push(captureHeapSnapshot)
    }
    // The oldest one was pruned.
    const { heapSnapshots } = await root.request<{ heapSnapshots: { id: string }[] }>('{ heapSnapshots { id } }')
    expect(heapSnapshots.map(({ id }) => id)).toEqual([taken[1]?.id])
    expect(readdirSync(join(dataDir, 'snapshots'))).toHaveLength(1)
    // Nobody was killed and followed by another process meanwhile.
    expect(await root.request(members)).toEqual(before)
    expect(server.output()).not.toMatch(/was silent|was killed|SILENT/)

    const answer = await fetch(taken[1]?.url ?? '', { headers: root.headers })
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(taken[1]?.sizeBytes)])
    const { snapshot, nodes, strings } = (await answer.json()) as Loaded
    expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length)
    expect(strings).toContain('GraphQLSchema')
  }, 180_000)
})

describe('a server that is one process and has too much memory', () => {
  it('takes a heap snapshot, leaves, and exits with the code that says to start it again', async () => {
    await using folder = await makeTestFolder()
    const fixture = fileURLToPath(new URL('fixtures/leave-soon.ts', import.meta.url))
    const finished = await runNode([fixture], {
      DATA_DIR: folder.path,
      PORT: '0',
      COMPUTE_THREADS: '1',
      MEMORY_RSS_MB: '1',
      MEMORY_RECYCLE: 'on',
    })
    expect(finished.code).toBe(75)
    expect(finished.stderr).toMatch(/A heap snapshot was taken\.[^]*The process leaves, for its service manager/)
    const [name, ...others] = readdirSync(join(folder.path, 'snapshots'))
    expect([name, others]).toEqual([expect.stringMatching(/^hsn_\w+-RSS_HIGH-m1-.*\.heapsnapshot$/), []])
  }, 60_000)
})
