import { describe, expect, it } from 'vitest'
import type { NemesisName } from '../chaos/nemeses.ts'
import { type ChaosOptions, runChaos, type Verdict } from '../chaos/run-chaos.ts'
import { tellVerdict } from '../chaos/tell-verdict.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const seed = 20_261_122

/** A run in which every invariant held and every nemesis struck. */
async function survive(options: Pick<ChaosOptions, 'deployment' | 'round'>): Promise<Verdict> {
  await using folder = await makeTestFolder()
  const bounds = { operations: 2000, strikes: options.round.length, pause: 42 }
  const verdict = await runChaos({ ...options, ...bounds, folder: folder.path, seed })
  const again = `npm run chaos -- --deployment ${options.deployment} --seed ${seed}`
  expect(verdict.violations, `${again}\n${tellVerdict(verdict)}`).toEqual([])
  expect(new Set<NemesisName>(verdict.strikes)).toEqual(new Set(options.round))
  // A run in which nothing happened would prove nothing.
  const states = verdict.record.jobs.map(({ job }) => job.state)
  expect(states).toEqual(expect.arrayContaining(['SUCCEEDED', 'FAILED', 'CANCELLED']))
  expect(verdict.history.filter(({ type }) => type === 'streamEnded').length).toBeGreaterThan(3)
  return verdict
}

describe('a server under a hostile nemesis', () => {
  it('keeps every promise to its clients while it is killed, stopped half-way and frozen for longer than its lease', async () => {
    const round = ['kill', 'killWhileStopping', 'freeze'] as const
    const { record } = await survive({ deployment: 'alone', round })
    const attempts = record.jobs.flatMap((resting) => resting.attempts)
    expect(attempts.filter(({ outcome }) => outcome === 'LOST').length).toBeGreaterThan(0)
  }, 240_000)

  it('keeps them in a cluster while members and its primary are killed, and one is frozen for longer than its lease', async () => {
    const round = ['killMember', 'killPrimary', 'freezeMember'] as const
    const { recoveries } = await survive({ deployment: 'cluster', round })
    expect(recoveries.filter(({ goesOnMs }) => goesOnMs !== null).length).toBeGreaterThan(0)
  }, 240_000)

  it('keeps them in a cluster over Redis while Redis is killed and cut off, and a member is killed', async () => {
    // Twice, since the first may find nothing urgent in the member's hands.
    const round = ['killMember', 'killRedis', 'killMember', 'cutRedis'] as const
    const { recoveries } = await survive({ deployment: 'redis', round })
    expect(recoveries.filter(({ goesOnMs }) => goesOnMs !== null).length).toBeGreaterThan(0)
  }, 240_000)
})
