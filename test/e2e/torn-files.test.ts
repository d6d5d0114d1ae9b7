import { describe, expect, it } from 'vitest'
import { runChaos } from '../chaos/run-chaos.ts'
import { tellVerdict } from '../chaos/tell-verdict.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const seed = 4

describe('a data folder that is copied under load as a crash would leave it', () => {
  it('is sound and worked off to its end, with all that was acknowledged; with a torn WAL it is sound all the same', async () => {
    await using folder = await makeTestFolder()
    const verdict = await runChaos({
      folder: folder.path,
      seed,
      operations: 110,
      round: ['copyAsKilled', 'copyAsCutOff'],
      pause: 32,
    })
    expect(verdict.violations, `npm run chaos -- --seed ${seed}\n${tellVerdict(verdict)}`).toEqual([])
    expect(new Set(verdict.strikes)).toEqual(new Set(['copyAsKilled', 'copyAsCutOff']))
  }, 240_000)
})
