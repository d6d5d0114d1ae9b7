import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { unfinishedNameOf } from '../../src/adapters/local/heap-snapshot-name.ts'
import type { SnapshotProcess } from '../../src/adapters/local/heap-snapshot-heaps.ts'
import { folderHeapSnapshots, type HeapSnapshotsOptions } from '../../src/adapters/local/heap-snapshots.ts'
import type { HeapSnapshot, HeapSnapshotEstimate } from '../../src/core/heap-snapshot.ts'
import { newId } from '../../src/core/ids.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { fakePool } from '../support/fake-pool.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { seedHeapSnapshot } from '../support/seed-heap-snapshot.ts'

const minute = 60_000
const fixture = fileURLToPath(new URL('fixtures/take-heap-snapshot.ts', import.meta.url))

const writeContent = async (path: string) => writeFile(path, '{"snapshot":{"meta":{}}}')

interface FolderOptions {
  readonly isAlone?: boolean
  readonly process?: Partial<SnapshotProcess>
  readonly pool?: HeapSnapshotsOptions['pool']
}

const thread = { task: null, recentTasks: [], runs: 0, heapTotal: 0, heapLimit: 0, external: 0 }

/** Snapshots of a process that is made up: what V8 would write is a few bytes. */
async function openFolder(options: FolderOptions = {}) {
  const data = await makeTestFolder()
  const folder = join(data.path, 'snapshots')
  const clock = fakeClock()
  const { pool = fakePool({}) } = options
  const written: string[] = []
  const readings = [{ heapUsed: 2 ** 20, rss: 10 * 2 ** 20 }]
  const here: SnapshotProcess = {
    pid: 4242,
    read: () => readings.at(-1) ?? { heapUsed: 0, rss: 0 },
    availableBytes: () => 7,
    writeTo: (path) => void written.push(path),
    isThere: (pid) => pid === 4242,
    ...options.process,
  }
  const open = (isAlone: boolean) =>
    folderHeapSnapshots({ folder, member: 3, isAlone, clock, freeBytes: async () => 5, process: here, pool })
  return {
    ...data,
    folder,
    clock,
    written,
    readings,
    open,
    snapshots: await open(options.isAlone ?? true),
  }
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('heap snapshots in a folder', () => {
  it('are of the process, whole, in the format of V8, and for the owner only', async () => {
    await using data = await makeTestFolder()
    const folder = join(data.path, 'snapshots')
    await mkdir(folder)
    await chmod(folder, 0o755)
    const { stdout } = await promisify(execFile)(process.execPath, [fixture, folder])
    const told = JSON.parse(stdout) as {
      estimate: HeapSnapshotEstimate
      after: HeapSnapshotEstimate
      snapshot: HeapSnapshot
    }
    const { snapshot, estimate } = told
    const [name = '', ...others] = await readdir(folder)
    expect(others).toEqual([])
    const path = join(folder, name)
    expect([await modeOf(folder), await modeOf(path)]).toEqual(['700', '600'])
    expect(snapshot).toMatchObject({
      id: expect.stringMatching(/^hsn_/),
      member: 2,
      reason: 'MEMORY_GROWTH',
      sizeBytes: (await stat(path)).size,
    })
    expect(snapshot.pausedMs).toBeGreaterThan(0)

    const { snapshot: head, nodes, edges, strings } = JSON.parse(await readFile(path, 'utf8')) as SnapshotFile
    expect(nodes).toHaveLength(head.node_count * head.meta.node_fields.length)
    expect(edges).toHaveLength(head.edge_count * head.meta.edge_fields.length)
    expect(strings).toContain('LeakedTestThing')
    expect(strings).toContain('a secret in memory')

    // What was expected is on the careful side.
    expect(estimate.sizeBytes).toBeGreaterThan(snapshot.sizeBytes)
    expect(estimate.pauseMs).toBeGreaterThan(0)
    expect(told.after.sizeBytes).toBeGreaterThan(snapshot.sizeBytes)
    // The allocator still has what the first one needed.
    expect(told.after.memoryBytes).toBeLessThan(estimate.memoryBytes)
  }, 60_000)

  it('are listed newest first, and tell by their names what is known of them', async () => {
    await using opened = await openFolder()
    const { path, snapshots } = opened
    const old = await seedHeapSnapshot(path, { takenAt: 1_000, content: 'old' })
    const facts = { takenAt: 2_000, member: 2, pausedMs: null, reason: 'ASKED_FOR', threadId: 12 } as const
    const young = await seedHeapSnapshot(path, facts)
    await writeFile(join(opened.folder, 'notes.txt'), 'not ours')
    await mkdir(join(opened.folder, 'hsn_01h455vb4pex5vsknk084sn02q-RSS_HIGH-m1-p1-1-1.heapsnapshot'))
    const { path: _, ...oldFacts } = old
    const listed = await snapshots.list()
    expect(listed.map(({ id }) => id)).toEqual([young.id, old.id])
    expect(listed[1]).toEqual({ ...oldFacts, sizeBytes: 3 })
    expect(listed[0]).toMatchObject({ member: 2, pausedMs: null, reason: 'ASKED_FOR', threadId: 12 })
    expect(await snapshots.find(old.id)).toEqual(listed[1])
  })

  it('are opened and removed by their ids, which lead nowhere else', async () => {
    await using opened = await openFolder()
    const { path, snapshots } = opened
    const seeded = await seedHeapSnapshot(path, { content: 'bytes' })
    await writeFile(join(path, 'secret'), 'the root secret')
    const nowhere = [
      '../secret',
      '..',
      '',
      '.',
      'hsn_*',
      `../snapshots/${seeded.id}`,
      newId('heapSnapshot'),
      newId('job'),
    ]
    for (const id of nowhere) {
      expect([id, await snapshots.find(id), await snapshots.open(id), await snapshots.remove(id)]).toEqual([
        id,
        null,
        null,
        false,
      ])
    }
    const read = await snapshots.open(seeded.id)
    expect(read?.snapshot.sizeBytes).toBe(5)
    // Who reads it reads on.
    expect(await snapshots.remove(seeded.id)).toBe(true)
    expect(read && (await text(read.source))).toBe('bytes')
    expect(await snapshots.open(seeded.id)).toBeNull()
    expect(await readFile(join(path, 'secret'), 'utf8')).toBe('the root secret')
  })

  it('are taken one at a time, into a file that nobody else can read, and none is listed before it is whole', async () => {
    await using opened = await openFolder()
    const { snapshots, folder, written } = opened
    const other = await opened.open(false)
    {
      await using pending = await snapshots.begin('ASKED_FOR')
      const [name = ''] = await readdir(folder)
      expect(await modeOf(join(folder, name))).toBe('600')
      expect([await other.begin('HEAP_HIGH'), await snapshots.list()]).toEqual([null, []])
      expect(await pending?.write()).toMatchObject({ member: 3, pid: 4242, reason: 'ASKED_FOR' })
      expect(written).toEqual([join(folder, name)])
    }
    expect(await snapshots.list()).toHaveLength(1)
    await using next = await other.begin('HEAP_HIGH')
    expect(next).not.toBeNull()
  })

  it('leave nothing where writing fails', async () => {
    const fail = () => {
      throw new Error('The disk is full.')
    }
    await using opened = await openFolder({ process: { writeTo: fail } })
    {
      await using pending = await opened.snapshots.begin('ASKED_FOR')
      await expect(pending?.write()).rejects.toThrow('The disk is full.')
    }
    expect(await readdir(opened.folder)).toEqual([])
  })

  it('of a thread for tasks are written by it, and cost what its heap says', async () => {
    const pool = {
      memory: async () => [{ ...thread, threadId: 4, heapUsed: 2 ** 20 }],
      async heapSnapshot(threadId: number, path: string) {
        await writeFile(path, `of ${threadId}`)
        return 77
      },
    }
    await using opened = await openFolder({ pool })
    const { snapshots, folder } = opened
    expect(await snapshots.estimate(4)).toMatchObject({ pauseMs: 5, freeBytes: 5, availableBytes: 7 })
    await expect(snapshots.estimate(5)).rejects.toThrow('The thread 5 is not there, or does not answer.')
    await using pending = await snapshots.begin('MEMORY_GROWTH', 4)
    const expected = { member: 3, pid: 4242, threadId: 4, reason: 'MEMORY_GROWTH', pausedMs: 77, sizeBytes: 4 }
    expect(await pending?.write()).toMatchObject(expected)
    const [snapshot] = await snapshots.list()
    expect(snapshot).toMatchObject(expected)
    const [name = ''] = await readdir(folder)
    expect(await modeOf(join(folder, name))).toBe('600')
    expect(opened.written).toEqual([])
  })

  it('of a thread leave nothing where it ends', async () => {
    await using opened = await openFolder()
    {
      await using pending = await opened.snapshots.begin('MEMORY_GROWTH', 4)
      await expect(pending?.write()).rejects.toThrow('There is no such thread.')
    }
    expect(await readdir(opened.folder)).toEqual([])
  })

  it('are not taken while microtasks of somebody else are under way', async () => {
    const story: string[] = []
    await using opened = await openFolder({ process: { writeTo: () => void story.push('taken') } })
    await using pending = await opened.snapshots.begin('ASKED_FOR')
    const transaction = async () => {
      story.push('begin')
      for (let step = 0; step < 100; step += 1) await Promise.resolve()
      story.push('commit')
    }
    await Promise.all([pending?.write(), transaction()])
    expect(story).toEqual(['begin', 'commit', 'taken'])
  })

  it('are pruned by number and by age', async () => {
    await using opened = await openFolder()
    const { path, snapshots, clock } = opened
    const at = (minutes: number) => seedHeapSnapshot(path, { takenAt: clock.now() - minutes * minute })
    const [, second, , third] = [await at(30), await at(5), await at(60), await at(10)]
    const first = await at(1)
    const ids = async () => (await snapshots.list()).map(({ id }) => id)
    await snapshots.prune(3, 3_600_000)
    expect(await ids()).toEqual([first.id, second.id, third.id])
    await snapshots.prune(3, 7 * minute)
    expect(await ids()).toEqual([first.id, second.id])
    await snapshots.prune(0, 3_600_000)
    expect(await ids()).toEqual([])
  })
})

describe('what was left half-written', () => {
  const leave = async (folder: string, pid: number) => {
    const path = join(folder, unfinishedNameOf(newId('heapSnapshot'), pid))
    await writeContent(path)
    return path
  }

  it('goes when a server starts that is alone, whoever left it', async () => {
    await using opened = await openFolder()
    for (const pid of [4242, 1]) await leave(opened.folder, pid)
    await opened.open(true)
    expect(await readdir(opened.folder)).toEqual([])
  })

  it('goes in a cluster when its process is gone, or has done nothing for an hour, and stands in nobody’s way', async () => {
    await using opened = await openFolder({ process: { isThere: (pid) => pid === 77 || pid === 4242 } })
    const { folder } = opened
    const stale = await leave(folder, 77)
    await utimes(stale, new Date(0), new Date(0))
    await leave(folder, 78)
    const other = await opened.open(false)
    expect(await readdir(folder)).toEqual([])

    const alive = await leave(folder, 77)
    await leave(folder, 78)
    await other.prune(3, minute)
    expect(await readdir(folder)).toHaveLength(1)
    expect(await other.begin('ASKED_FOR')).toBeNull()
    await utimes(alive, new Date(0), new Date(0))
    await using pending = await other.begin('ASKED_FOR')
    expect(pending).not.toBeNull()
  })
})

describe('what a heap snapshot is expected to cost', () => {
  it('is the worst that was measured, and after one was taken half as much again as that one', async () => {
    const megabyte = 2 ** 20
    const writeTo = (path: string) => {
      writeFileSync(path, 'x'.repeat(1_000))
      opened.readings.push({ heapUsed: megabyte, rss: 12 * megabyte })
    }
    await using opened = await openFolder({ process: { writeTo } })
    const { snapshots } = opened
    expect(await snapshots.estimate()).toEqual({
      pauseMs: 5,
      sizeBytes: Math.ceil(2.2 * megabyte),
      memoryBytes: 17 * megabyte,
      freeBytes: 5,
      availableBytes: 7,
    })
    await using pending = await snapshots.begin('ASKED_FOR')
    await pending?.write()
    // It took 2 MB, which the allocator has kept.
    const next = await snapshots.estimate()
    expect(next).toMatchObject({ sizeBytes: 1_500, memoryBytes: 1 * megabyte })
    expect(next.pauseMs).toBeLessThanOrEqual(5)
  })
})

interface SnapshotFile {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly edge_fields: readonly string[] }
    readonly node_count: number
    readonly edge_count: number
  }
  readonly nodes: readonly number[]
  readonly edges: readonly number[]
  readonly strings: readonly string[]
}
