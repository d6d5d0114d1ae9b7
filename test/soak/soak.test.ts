import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeTestFolder } from '../support/open-test-store.ts'
import { runSoak, type SoakOptions, type SoakReport } from './run-soak.ts'
import { tellSoak } from './tell-soak.ts'

/** Wears a server of the test's own. */
async function soak(
  options: Pick<SoakOptions, 'jobs' | 'requests' | 'connects'> & Partial<SoakOptions>,
): Promise<SoakReport> {
  await using folder = await makeTestFolder()
  const { signal } = new AbortController()
  // So short a run is warm-up in good part; the leaks below come to far more.
  const bounds = { rounds: 6, warmUpRounds: 3, toleratedBytes: 4 * 2 ** 20 }
  return await runSoak({ dataDir: folder.path, signal, ...bounds, ...options })
}

describe('a server that is worn', () => {
  it('holds no more after it than before', async () => {
    const report = await soak({ jobs: 1_000, requests: 1_000, connects: 200 })
    // The table says what came before.
    if (report.verdict.faults.length > 0) throw new Error(tellSoak(report))
    expect(report.samples).toHaveLength(7)
    expect(report.done.connects).toBeGreaterThanOrEqual(200)
    expect(report.samples.at(-1)?.held).toMatchObject({ connections: 0, streams: 0, threads: 2, warnings: 0 })
  }, 180_000)

  it('is found out when it leaks memory, timers and listeners', async () => {
    const { verdict } = await soak({ jobs: 9, requests: 900, connects: 9, leaks: true })
    expect(verdict.faults).toEqual([
      expect.stringMatching(/^The heap grows by/),
      expect.stringMatching(/of "resource Timeout"/),
      expect.stringMatching(/of "listeners SIGUSR2"/),
    ])
  }, 180_000)

  it('leaves nothing behind when it is interrupted', async () => {
    await using folder = await makeTestFolder()
    const interrupt = new AbortController()
    const onProgress = () => interrupt.abort(new Error('interrupted'))
    const options = { dataDir: folder.path, jobs: 100, requests: 100, connects: 100, rounds: 5, warmUpRounds: 1 }
    await expect(runSoak({ ...options, signal: interrupt.signal, onProgress })).rejects.toThrow('interrupted')
    // The server's write-ahead log goes with its last connection.
    expect(readdirSync(folder.path)).not.toContain('millrace.sqlite-wal')
  }, 60_000)
})
