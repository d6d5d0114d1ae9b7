import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import type { AttemptListener } from '../../../src/ports/compute-pool.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import type { Job } from '../../../src/core/job.ts'
import { createAttemptFiles } from '../../../src/services/jobs/attempt-files.ts'
import { clearBlobs } from '../../../src/services/jobs/clear-blobs.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { describeTask, done, fakePool, type Script, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { openTestMill, type TestMill, type TestMillOptions } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'
import { isIn, never, submit } from './mill-steps.ts'

interface Bench extends AsyncDisposable {
  readonly mill: TestMill
  /** Writes a file as a task does, which is then gone, and answers the artifact's id. */
  write(listener: AttemptListener, content: string, fileName?: string): Promise<string>
  /** The rows and the blobs that there are. */
  kept(ids: readonly string[]): Promise<{ readonly artifacts: number; readonly blobs: number }>
}

async function openBench(options: TestMillOptions = {}): Promise<Bench> {
  const folder = await makeTestFolder()
  const mill = await openTestMill(options)
  let files = 0
  return {
    mill,
    async write(listener, content, fileName = 'plot.png') {
      const path = join(folder.path, `${(files += 1)}`)
      await writeFile(path, content)
      try {
        return await listener.file({ path, fileName, mediaType: 'image/png' })
      } finally {
        await rm(path)
      }
    },
    async kept(ids) {
      const found = await mill.store.read(({ artifacts }) => Promise.all(ids.map((id) => artifacts.find(id))))
      const blobs = await Array.fromAsync(mill.blobs.list())
      return { artifacts: found.filter((artifact) => artifact !== null).length, blobs: blobs.length }
    },
    async [Symbol.asyncDispose]() {
      await mill[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const error = { code: 'TASK_ERROR', message: 'No.' } as const

describe('a file that an attempt writes', () => {
  it("becomes an artifact of the job's owner, and one of the job's files", async () => {
    await using bench = await openBench()
    const { mill } = bench
    const owner = somebody()
    const script: Script = async (_request, listener) => {
      const id = await bench.write(listener, 'pixels', '../secret/plot.png')
      await listener.partial({ id })
      return { type: 'succeeded', output: { id, other: await bench.write(listener, 'more') } }
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const job = await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })
    const output = (await mill.jobs.output(job)) as { id: string; other: string }
    const found = await mill.artifacts.find(owner, output.id)
    const named = { fileName: 'plot.png', mediaType: 'image/png', size: 6 }
    expect(found).toMatchObject({ ...named, ownerId: owner.userId, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(found === null ? null : await text(await mill.artifacts.read(found))).toBe('pixels')
    expect((await mill.jobs.written(job)).map(({ id }) => id)).toEqual([output.id, output.other])
    expect(await mill.artifacts.find(somebody(), output.id)).toBeNull()
  })

  it.each<[string, ScriptedOutcome]>([
    ['fails', { type: 'failed', error }],
    ['answers too much', { type: 'succeeded', output: 'x'.repeat(2 ** 20) }],
    ['is lost', { type: 'lost', message: 'Gone.' }],
  ])('is removed when the attempt %s', async (_what, outcome) => {
    await using bench = await openBench()
    const { mill } = bench
    const ids: string[] = []
    const script: Script = async (_request, listener) => {
      ids.push(await bench.write(listener, `pixels ${ids.length}`))
      return outcome
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job.state).toBe('FAILED')
    expect(ids).toHaveLength(outcome.type === 'lost' ? 3 : 1)
    await eventually(async () => (await bench.kept(ids)).blobs === 0)
    expect(await bench.kept(ids)).toEqual({ artifacts: 0, blobs: 0 })
    expect(await mill.jobs.written(job)).toEqual([])
  })

  it('is removed when the job is cancelled or handed back', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const owner = somebody()
    const ids: string[] = []
    const script: Script = async (request, listener, signal) => {
      ids.push(await bench.write(listener, 'pixels'))
      return never(request, listener, signal)
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const first = await mill.jobs.submit(owner, 'double', {})
    await eventually(() => ids.length === 1)
    await mill.jobs.cancel(owner, first.id)
    await eventually(isIn(mill, first.id, 'CANCELLED'))
    await mill.jobs.submit(owner, 'double', {})
    await eventually(() => ids.length === 2)
    await node.stop(0)
    expect(await bench.kept(ids)).toEqual({ artifacts: 0, blobs: 0 })
  })

  it('is removed when its process went away', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const ids: string[] = []
    const script: Script = async (request, listener, signal) => {
      ids.push(await bench.write(listener, 'pixels'))
      return never(request, listener, signal)
    }
    const times = { leaseMs: 60_000, renewMs: 30_000 }
    const dead = await mill.addNode(fakePool({ double: script }), { times })
    await dead.start()
    const { id } = await submit(mill)
    await eventually(() => ids.length === 1)
    await mill.store.write(({ nodes }) => nodes.remove(dead.nodeId))
    expect(await mill.sweep()).toBe(1)
    expect(await bench.kept(ids)).toEqual({ artifacts: 0, blobs: 0 })
    expect((await mill.job(id)).losses).toBe(1)
  })

  it('of an attempt that failed goes, that of the one that succeeds stays, though their content is the same', async () => {
    await using bench = await openBench({
      tasks: [describeTask('double', { retries: { attempts: 2, baseMs: 1, capMs: 1 } })],
    })
    const { mill } = bench
    const owner = somebody()
    const uploaded = await uploadFile(mill.artifacts, owner, 'pixels')
    const ids: string[] = []
    const script: Script = async ({ job }, listener) => {
      ids.push(await bench.write(listener, 'pixels'))
      return job.attempt === 1 ? { type: 'failed', error } : done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const job = await mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 })
    expect(job.state).toBe('SUCCEEDED')
    expect((await mill.jobs.written(job)).map(({ id }) => id)).toEqual([ids[1]])
    expect(await bench.kept([...ids, uploaded.id])).toEqual({ artifacts: 2, blobs: 1 })
  })

  it('is refused with a sentence when it is too large, over the quota, or not there', async () => {
    await using bench = await openBench({ quotaBytes: 1500 })
    const { mill } = bench
    const said: string[] = []
    const script: Script = async (_request, listener) => {
      const note = (reason: unknown) => void said.push(reason instanceof Error ? reason.message : 'no error')
      await bench.write(listener, 'x'.repeat(1001)).catch(note)
      await bench.write(listener, 'x'.repeat(1000)).catch(note)
      await bench.write(listener, 'y'.repeat(600)).catch(note)
      await listener.file({ path: '/nowhere/at/all', fileName: 'a', mediaType: 'b' }).catch(note)
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }))
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(said).toEqual([
      'The file has more than the 1000 bytes that are allowed.',
      'There is no room for it: of the 1500 bytes that you may keep, 1000 are in use.',
      'The server could not keep the file.',
    ])
    expect(await mill.jobs.written(job)).toMatchObject([{ size: 1000 }])
    expect(mill.logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'A file that a job wrote could not be kept.', fields: { jobId: job.id } },
    ])
  })

  it('is none of the uploads of which only so many may be under way', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const owner = somebody()
    const script: Script = async (_request, listener) => {
      await Promise.all(Array.from({ length: 10 }, (_, n) => bench.write(listener, `pixels ${n}`)))
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }, 2))
    await node.start()
    const uploads = await Promise.all(Array.from({ length: 4 }, () => mill.artifacts.openUpload(owner, 0)))
    const jobs = [1, 2].map(() => mill.jobs.submit(owner, 'double', {}, { waitMs: 5000 }))
    for (const job of await Promise.all(jobs)) {
      expect(job.state).toBe('SUCCEEDED')
      expect(await mill.jobs.written(job)).toHaveLength(10)
    }
    for (const upload of uploads) upload[Symbol.dispose]()
  })

  it('by an attempt that is no longer the job’s is not kept', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const { promise: goOn, resolve } = Promise.withResolvers<void>()
    const said: unknown[] = []
    const script: Script = async ({ job }, listener) => {
      if (job.attempt > 1) return done
      await goOn
      await bench.write(listener, 'pixels').catch((reason: unknown) => said.push(reason))
      return done
    }
    const pool = fakePool({ double: script }, 1)
    const node = await mill.addNode(pool, { times: { leaseMs: 60_000, renewMs: 30_000 } })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const loss = { state: 'QUEUED', losses: 1, nodeId: null } as const
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'], fence: 1 }, loss))
    resolve()
    await eventually(() => said.length === 1)
    expect(said).toMatchObject([{ message: 'The job has gone on without this attempt.' }])
    mill.queue.announce()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await bench.kept([])).toEqual({ artifacts: 0, blobs: 0 })
    expect(await mill.jobs.written(await mill.job(id))).toEqual([])
  })

  it('is kept though the store fails for a moment', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const broken = await mill.openStore()
    const script: Script = async (_request, listener) => {
      broken.fails = true
      const writing = bench.write(listener, 'pixels')
      await eventually(() => broken.failures > 0)
      broken.fails = false
      await writing
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }), { store: broken })
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(await mill.jobs.written(job)).toHaveLength(1)
  })
})

describe('the files of an attempt', () => {
  it('are at most a thousand', async () => {
    // Nothing but the owner of the job and the id of the artifact is read.
    const job = { id: newId('job'), ownerId: newId('user') } as Job
    const artifact = { id: newId('artifact') } as Artifact
    const files = createAttemptFiles({
      job,
      intake: {
        maxBytes: 1,
        open: () => Promise.reject(new Error('unused')),
        keep: () => Promise.reject(new Error('unused')),
        keepWritten: async () => artifact,
      },
      logger: collectingLogger(),
      write: () => Promise.reject(new Error('unused')),
      stale: () => undefined,
    })
    const file = { path: '/tmp/x', fileName: 'x', mediaType: 'text/plain' }
    for (let n = 0; n < 1000; n += 1) expect(await files.keep(file)).toBe(artifact.id)
    await expect(files.keep(file)).rejects.toThrow('An attempt may write at most 1000 files.')
  })

  it('that cannot be removed do not fail the attempt: the log has it', async () => {
    const logger = collectingLogger()
    const removed: string[] = []
    const keeper = {
      keep: () => Promise.reject(new Error('unused')),
      async removeUnowned(hash: string) {
        if (hash === 'b') throw new Error('The disk is gone.')
        removed.push(hash)
        return true
      },
    }
    await clearBlobs({ keeper, logger }, ['a', 'b', 'a', 'c'])
    expect(removed).toEqual(['a', 'c'])
    expect(logger.lines).toMatchObject([
      {
        message: 'A file of no artifact could not be removed.',
        fields: { hash: 'b', error: 'Error: The disk is gone.' },
      },
    ])
  })
})
