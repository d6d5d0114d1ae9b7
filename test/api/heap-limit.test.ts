import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { signUpAt } from '../support/signed-in.ts'

const fixtures = fileURLToPath(new URL('../workers/fixtures/tasks/', import.meta.url))

describe('COMPUTE_HEAP_MB', () => {
  it('is the heap that a job may fill before it fails, alone', async () => {
    const { computeHeapMb } = readConfig({ COMPUTE_HEAP_MB: '32' })
    await using app = await openTestApp({ taskFolders: [fixtures], computeHeapMb })
    const ada = await signUpAt(app.url, 'ada')
    const misbehave = `mutation { misbehave(input: { way: FILL_THE_HEAP }, options: { waitMs: 20000 }) {
      ... on MisbehaveAccepted { job { state error { code } } }
    } }`
    expect(await ada.request(misbehave)).toEqual({
      misbehave: { job: { state: 'FAILED', error: { code: 'OUT_OF_MEMORY' } } },
    })
    expect(await ada.request('{ me { displayName } }')).toEqual({ me: { displayName: 'ada' } })
  })

  it('is left to Node where it is not given, and is a whole number of at least 16', () => {
    expect(readConfig({}).computeHeapMb).toBeNull()
    expect(readConfig({ COMPUTE_HEAP_MB: '16' }).computeHeapMb).toBe(16)
    for (const text of ['15', '0', '-1', '64.5', 'much', '1048577']) {
      expect(() => readConfig({ COMPUTE_HEAP_MB: text })).toThrow(
        `COMPUTE_HEAP_MB: accepts 16 to 1,048,576 megabytes (2^20 bytes), not "${text}".`,
      )
    }
  })
})
