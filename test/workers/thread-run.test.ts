import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createControl } from '../../src/workers/control.ts'
import { startGeneration } from '../../src/workers/pool/generation.ts'
import { ThreadRun } from '../../src/workers/pool/thread-run.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { request, until } from './open-test-pool.ts'

const file = join(import.meta.dirname, 'fixtures/tasks/spin.ts')

/** One thread, and parts of attempts that want to run on it. */
async function openThread() {
  const options = {
    threads: 1,
    taskFiles: [file],
    logger: collectingLogger(),
    heapMb: null,
    settings: null,
    startDeadlineMs: 30_000,
  }
  const generation = startGeneration(options)
  await generation.describe()
  const threads = generation.threadsFor(null)
  const written = { folder: '/none', maxBytes: 0 }
  return {
    threads,
    /** Runs the task `spin`, in an attempt of that control block, and writes down what it says. */
    begin(control = createControl()) {
      const said: string[] = []
      const order = { request: request('spin', { listen: 'SIGNAL' }), file, control: control.memory, written }
      const run = new ThreadRun(threads, { ...order, part: { type: 'run' } }, ({ type }) => void said.push(type))
      return { run, said, ended: run.run() }
    },
    [Symbol.asyncDispose]: () => generation.destroy(),
  }
}

describe('a part of an attempt', () => {
  it('that is ended while no thread has taken it ends no other, nor the thread that an earlier part was on', async () => {
    await using thread = await openThread()
    const control = createControl()
    const earlier = thread.begin(control)
    await until(() => earlier.said.includes('log'))
    earlier.run.post({ type: 'stop' })
    expect(await earlier.ended).toMatchObject({ outcome: { type: 'succeeded' }, gone: null })
    const threads = thread.threads.list()

    // Somebody else's attempt is on that thread by now.
    const other = thread.begin()
    await until(() => other.said.includes('log'))
    earlier.run.kill()
    const waiting = thread.begin(control)
    waiting.run.kill()
    expect(await waiting.ended).toMatchObject({ outcome: null, gone: null })
    other.run.post({ type: 'stop' })
    expect(await other.ended).toMatchObject({ outcome: { type: 'succeeded' }, death: null })
    expect(thread.threads.list()).toEqual(threads)
  })

  it('that is ended ends its own thread, and knows when that is gone', async () => {
    await using thread = await openThread()
    const threads = thread.threads.list()
    const part = thread.begin()
    await until(() => part.said.includes('log'))
    part.run.kill()
    const { outcome, gone } = await part.ended
    expect(outcome).toBeNull()
    expect(await gone).toBe(1)
    expect(thread.threads.list()).not.toContain(threads[0])
    expect(thread.threads.list()).toHaveLength(1)
  })
})
