import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PoolOptions } from '../../src/workers/pool.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { createRecorder, openTestPool, request, run, runTask, until } from './open-test-pool.ts'

const never = new AbortController().signal

/** A pool of one thread, and a file for its heap. */
async function open(options: Partial<PoolOptions> = {}) {
  const opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const path = join(folder.path, 'heap')
  await writeFile(path, '', { mode: 0o600 })
  const pool = opened.use(await openTestPool({ threads: 1, ...options }))
  await pool.describe()
  const [thread] = await pool.memory()
  return { pool, path, threadId: thread?.threadId ?? 0, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

describe('a heap snapshot of a thread', () => {
  it('is whole, shows what its tasks keep, and stays with the owner', async () => {
    await using opened = await open()
    const { pool, path, threadId } = opened
    await runTask(pool, 'keepThings', { things: 50, waitMs: 0 })
    expect(await pool.heapSnapshot(threadId, path, never)).toBeGreaterThan(0)
    const { snapshot, nodes, strings } = JSON.parse(await readFile(path, 'utf8'))
    expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length)
    expect(strings).toContain('KeptThing')
    // It is of that thread alone.
    expect(strings).not.toContain('ThreadPool')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await runTask(pool, 'keepThings', { things: 1, waitMs: 0 })).toMatchObject({ output: { kept: 51 } })
  }, 30_000)

  it('makes an attempt in it late, which its time limit does not count', async () => {
    await using opened = await open()
    const { pool, path, threadId } = opened
    const recorder = createRecorder()
    // So many that writing takes longer than the task may.
    const running = run(pool, request('keepThings', { things: 600_000, waitMs: 300 }), recorder)
    await until(() => recorder.said.length > 0)
    const stoodMs = await pool.heapSnapshot(threadId, path, never)
    expect(stoodMs).toBeGreaterThan(1_000)
    expect(await running).toEqual({ type: 'succeeded', output: { kept: 600_000 } })
  }, 60_000)

  it('keeps an attempt waiting that comes meanwhile', async () => {
    await using opened = await open()
    const { pool, path, threadId } = opened
    await runTask(pool, 'keepThings', { things: 400_000, waitMs: 0 })
    const written = pool.heapSnapshot(threadId, path, never)
    const [ended] = await Promise.all([runTask(pool, 'keepThings', { things: 0, waitMs: 0 }), written])
    expect(ended).toEqual({ type: 'succeeded', output: { kept: 400_000 } })
  }, 60_000)

  it('is refused in a sentence where the thread computes, and not written later', async () => {
    await using opened = await open({ heapTimes: { beginMs: 100, writeMs: 60_000 } })
    const { pool, path, threadId } = opened
    const recorder = createRecorder()
    const counting = run(pool, request('countUp', { ms: 500, total: 1 }), recorder)
    await until(() => recorder.said.length > 0)
    await expect(pool.heapSnapshot(threadId, path, never)).rejects.toThrow(
      'The thread did not answer in time: its task computes.',
    )
    expect(await counting).toMatchObject({ type: 'succeeded' })
    // It has had the order before this.
    await runTask(pool, 'keepThings', { things: 0, waitMs: 0 })
    expect(await readFile(path, 'utf8')).toBe('')
  })

  it('is refused in a sentence where the thread ends, or is not there, and where nobody waits any more', async () => {
    await using opened = await open()
    const { pool, path, threadId } = opened
    const stop = new AbortController()
    const recorder = createRecorder()
    const spinning = run(pool, request('spin', { listen: 'NOT' }), recorder, stop.signal)
    await until(() => recorder.said.length > 0)
    const gone = pool.heapSnapshot(threadId, path, never)
    const closing = new AbortController()
    const unwanted = pool.heapSnapshot(threadId, path, closing.signal)
    closing.abort()
    await expect(unwanted).rejects.toThrow('It is not waited for any more.')
    stop.abort()
    await expect(gone).rejects.toThrow(/^The thread (ended before the heap snapshot was there|has ended)\.$/)
    await spinning
    await expect(pool.heapSnapshot(threadId, path, never)).rejects.toThrow('There is no such thread.')
    await expect(pool.heapSnapshot(0, path, never)).rejects.toThrow('There is no such thread.')
    expect(await readFile(path, 'utf8')).toBe('')
  })

  it('fails with what writing it fails with, and the thread goes on', async () => {
    await using opened = await open()
    const { pool, path, threadId } = opened
    await expect(pool.heapSnapshot(threadId, join(path, 'nowhere'), never)).rejects.toThrow('ENOTDIR')
    expect(await runTask(pool, 'keepThings', { things: 2, waitMs: 0 })).toMatchObject({ output: { kept: 2 } })
  })
})
