import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createThreadSettings } from '../../src/workers/thread-settings.ts'
import { createRecorder, openTestPool, request, run, runTask, type TestPool, until } from './open-test-pool.ts'

const all = ['debug', 'log', 'info', 'warn', 'error']
const written = (names: readonly string[]) => ({ type: 'succeeded', output: { written: names } })

describe('the threads of a pool', () => {
  const settings = createThreadSettings()
  let pool: TestPool
  beforeAll(async () => {
    pool = await openTestPool({ settings })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  const both = () => Promise.all([1, 2].map(() => runTask(pool, 'writeToConsole', { until: null })))

  it('write to the console what the log level lets through, whenever that is set', async () => {
    expect(await both()).toEqual([written(all), written(all)])
    for (const [logLevel, names] of [
      ['error', ['error']],
      ['warn', ['warn', 'error']],
      ['info', ['log', 'info', 'warn', 'error']],
      ['debug', all],
      [null, all],
    ] as const) {
      settings.set({ logLevel })
      expect([logLevel, await both()]).toEqual([logLevel, [written(names), written(names)]])
    }
  })

  it('know of it in the middle of a task that never awaits', async () => {
    const recorder = createRecorder()
    const running = run(pool, request('writeToConsole', { until: ['error'] }), recorder)
    await until(() => recorder.said.length > 0)
    settings.set({ logLevel: 'error' })
    expect(await running).toEqual(written(['error']))
  })

  it('know of it when they are started later', async () => {
    settings.set({ logLevel: 'warn' })
    await using later = await openTestPool({ settings, threads: 1 })
    await later.describe()
    expect(await runTask(later, 'writeToConsole', { until: null })).toEqual(written(['warn', 'error']))
  })

  it('write everything where nobody sets anything', async () => {
    await using other = await openTestPool({ threads: 1 })
    await other.describe()
    expect(await runTask(other, 'writeToConsole', { until: null })).toEqual(written(all))
  })
})
