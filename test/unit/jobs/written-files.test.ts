import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import { newId } from '../../../src/core/ids.ts'
import type { AttemptListener } from '../../../src/ports/compute-pool.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import type { Job } from '../../../src/core/job.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { ArtifactIntake } from '../../../src/services/jobs/artifact-intake.ts'
import { createAttemptFiles } from '../../../src/services/jobs/attempt-files.ts'
import type { BlobKeeper } from '../../../src/services/jobs/blob-keeper.ts'
import { clearBlobs, createBlobClearer } from '../../../src/services/jobs/clear-blobs.ts'
import { declareDead } from '../../../src/services/jobs/declare-dead.ts'
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

describe('a file that cannot be had a turn for', () => {
  const overloaded = () => Promise.reject(new Refusal('OVERLOADED', 'Try again.'))

  it('is kept later, and the task never hears of it', async () => {
    await using bench = await openBench()
    const { mill } = bench
    let refusals = 0
    const keepWritten: ArtifactIntake['keepWritten'] = (...file) =>
      (refusals += 1) <= 3 ? overloaded() : mill.intake.keepWritten(...file)
    const script: Script = async (_request, listener) => {
      await bench.write(listener, 'pixels')
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }), { intake: { ...mill.intake, keepWritten } })
    await node.start()
    const job = await submit(mill, {}, { waitMs: 5000 })
    expect(job).toMatchObject({ state: 'SUCCEEDED', fence: 1, attempts: 0 })
    expect(await mill.jobs.written(job)).toHaveLength(1)
  })

  it('does not keep the job from being handed back, which uses up none of its attempts', async () => {
    await using bench = await openBench()
    const { mill } = bench
    let refusals = 0
    const keepWritten = () => {
      refusals += 1
      return overloaded()
    }
    const script: Script = async (_request, listener) => {
      // A task that ends with what the file ends with.
      await bench.write(listener, 'pixels')
      return done
    }
    const node = await mill.addNode(fakePool({ double: script }), { intake: { ...mill.intake, keepWritten } })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => refusals > 1)
    await node.stop(0)
    expect(await mill.job(id)).toMatchObject({ state: 'QUEUED', attempts: 0, losses: 0, error: null })
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'HANDED_BACK', error: null }])
  })
})

describe('a file of no artifact that cannot be removed now', () => {
  /** Writes a file in its first attempt, which does not end. */
  const writeOnce = (bench: Bench, wrote: () => void): Script => {
    return async ({ job }, listener) => {
      if (job.attempt > 1) return done
      await bench.write(listener, 'pixels')
      wrote()
      return new Promise(() => undefined)
    }
  }

  it('does not keep a sweep from giving the job to others', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const turn = Promise.withResolvers<boolean>()
    let hasWritten = false
    const script = writeOnce(bench, () => (hasWritten = true))
    const dead = await mill.addNode(fakePool({ double: script }), {
      times: { leaseMs: 3_600_000, renewMs: 3_600_000 },
      sweepMs: 3_600_000,
      store: await mill.openStore(),
    })
    await dead.start()
    const { id } = await submit(mill)
    await eventually(() => hasWritten)
    const keeper = { ...mill.keeper, removeUnowned: () => turn.promise }
    const node = await mill.addNode(fakePool({}), { keeper, sweepMs: 10 })
    await node.start()
    await declareDead(mill, dead.nodeId)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    turn.resolve(true)
  })

  it('does not keep an attempt from ending', async () => {
    const retries = { attempts: 2, baseMs: 1, capMs: 1 }
    await using bench = await openBench({ tasks: [describeTask('double', { retries })] })
    const { mill } = bench
    const turn = Promise.withResolvers<boolean>()
    const script: Script = async ({ job }, listener) => {
      if (job.attempt > 1) return done
      await bench.write(listener, 'pixels')
      return { type: 'failed', error: { code: 'TASK_ERROR', message: 'no' } }
    }
    const keeper = { ...mill.keeper, removeUnowned: () => turn.promise }
    const node = await mill.addNode(fakePool({ double: script }), { keeper, sweepMs: 3_600_000 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    turn.resolve(true)
  })

  it('does not keep the lease from being renewed', async () => {
    await using bench = await openBench()
    const { mill } = bench
    const turn = Promise.withResolvers<boolean>()
    const broken = await mill.openStore()
    let writes = 0
    const store: Store = {
      ...broken,
      write(work) {
        writes += 1
        return broken.write(work)
      },
    }
    let hasWritten = false
    let removals = 0
    const keeper: BlobKeeper = {
      ...mill.keeper,
      removeUnowned() {
        removals += 1
        return turn.promise
      },
    }
    const script = writeOnce(bench, () => (hasWritten = true))
    const node = await mill.addNode(fakePool({ double: script }), {
      keeper,
      store,
      times: { leaseMs: 800, renewMs: 50 },
      sweepMs: 3_600_000,
    })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => hasWritten)
    broken.fails = true
    await eventually(() => mill.logger.lines.some(({ message }) => message.includes('its jobs are stopped')))
    broken.fails = false
    await eventually(() => removals === 1)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    const before = writes
    await eventually(() => writes > before + 5)
    turn.resolve(true)
  })

  it('is logged once with all others, and waited for at the end', async () => {
    const logger = collectingLogger()
    const asked: string[] = []
    const turn = Promise.withResolvers<boolean>()
    const keeper = {
      keep: () => Promise.reject(new Error('unused')),
      removeUnowned(hash: string) {
        asked.push(hash)
        return hash === 'd' ? turn.promise : Promise.reject(new Error('No turn.'))
      },
    }
    const clearer = createBlobClearer({ keeper, logger })
    clearer.clear(['a', 'b'])
    clearer.clear(['c', 'b', 'd', 'e'])
    await eventually(() => asked.length === 4)
    let isOver = false
    const ending = clearer[Symbol.asyncDispose]().then(() => (isOver = true))
    await new Promise(setImmediate)
    expect(isOver).toBe(false)
    turn.resolve(true)
    await ending
    expect(asked.toSorted()).toEqual(['a', 'b', 'c', 'd'])
    expect(logger.lines).toMatchObject([{ message: 'Files of no artifact are left to the next start.' }])
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
      signal: new AbortController().signal,
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
