import { describe, expect, it } from 'vitest'
import { makeTestFolder } from '../support/open-test-store.ts'
import { freePort } from '../support/private-server.ts'
import { runMillrace } from '../support/server-process.ts'

describe('millrace start, when it cannot be a cluster', () => {
  it('says how many processes may be asked for', async () => {
    const { code, stderr } = await runMillrace(['start'], { WEB_CONCURRENCY: 'lots' })
    expect(code).toBe(1)
    expect(stderr).toContain('WEB_CONCURRENCY: accepts a whole number from 1 to 256, not "lots".')
    expect(stderr).toContain('(SETTINGS_INVALID)')
  })

  it.each(['1', '2'])(
    'says that Redis cannot be reached, and what to do about it, with %s processes',
    async (processes) => {
      await using folder = await makeTestFolder()
      const port = await freePort()
      const { code, stderr, stdout } = await runMillrace(['start', '--port', '0', '--data-dir', folder.path], {
        WEB_CONCURRENCY: processes,
        REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`,
      })
      expect(code).toBe(1)
      expect(stderr).toContain(`Redis at 127.0.0.1:${port} cannot be reached`)
      expect(stderr).toContain('Start it, or set REDIS_URL to one that runs')
      expect(stderr).not.toContain('    at ')
      expect(stdout + stderr).not.toContain('hunter2')
    },
    60_000,
  )
})
