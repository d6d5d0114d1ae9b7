import { describe, expect, it } from 'vitest'
import { runChaos } from '../chaos/run-chaos.ts'
import { tellVerdict } from '../chaos/tell-verdict.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const seed = 20_261_122

describe('a server under a hostile nemesis', () => {
  it('keeps every promise to its clients while it is killed, stopped half-way and frozen for longer than its lease', async () => {
    await using folder = await makeTestFolder()
    const verdict = await runChaos({
      folder: folder.path,
      seed,
      operations: 200,
      round: ['kill', 'killWhileStopping', 'freeze'],
      pause: 42,
    })
    expect(verdict.violations, `npm run chaos -- --seed ${seed}\n${tellVerdict(verdict)}`).toEqual([])
    expect(new Set(verdict.strikes)).toEqual(new Set(['kill', 'killWhileStopping', 'freeze']))
    // A run in which nothing happened would prove nothing.
    const attempts = verdict.record.jobs.flatMap((resting) => resting.attempts)
    const states = verdict.record.jobs.map(({ job }) => job.state)
    expect(states).toEqual(expect.arrayContaining(['SUCCEEDED', 'FAILED', 'CANCELLED']))
    expect(attempts.filter(({ outcome }) => outcome === 'LOST').length).toBeGreaterThan(0)
    expect(verdict.history.filter(({ type }) => type === 'streamEnded').length).toBeGreaterThan(3)
  }, 240_000)
})
