import { describe, expect, it } from 'vitest'
import { endsWithin, openLiveStreams } from '../support/live-streams.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { runMillrace, startServer } from '../support/server-process.ts'
import { signInAt, signUpAt } from '../support/signed-in.ts'

const sessionEvents = { query: 'subscription { sessionEvents { kind sessions { id } } }' }

describe('a user who is disabled by another process while the server runs', () => {
  it('is thrown out of every stream within a second, and nobody else is', async () => {
    await using folder = await makeTestFolder()
    await using server = await startServer(folder.path)
    const ada = await signUpAt(server.url, 'ada', server.setupToken)
    const eve = await signUpAt(server.url, 'eve')
    const url = `${server.url}/graphql`
    const streams = await openLiveStreams(url, eve.headers, sessionEvents)
    const others = await openLiveStreams(url, ada.headers, sessionEvents)

    const { code, stderr } = await runMillrace(['user', 'disable', eve.email, '--data-dir', folder.path])
    expect([code, stderr]).toEqual([0, ''])
    expect(await endsWithin(1_000, streams)).toEqual([4401, 'SESSION_REVOKED', 'SESSION_REVOKED'])
    await expect(eve.request('{ me { id } }')).rejects.toThrow('SESSION_REVOKED')

    await signInAt(server.url, ada)
    for (const stream of others) {
      expect(JSON.stringify(await stream.next())).toContain('STARTED')
      stream.close()
    }
  }, 60_000)
})
