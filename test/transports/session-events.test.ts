import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { openClient, transports } from '../support/clients/open-client.ts'
import { takeAnswers } from '../support/clients/stream-client.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let app: App
beforeAll(async () => {
  app = await openTestApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const watch = {
  query: 'subscription { sessionEvents { kind sessionId at sessions { id current delivery } } }',
}
const tokenOf = ({ headers }: SignedInUser) => headers['authorization']?.replace('Bearer ', '') ?? ''

describe.each(transports)('over %s, the events of one’s sessions', (transport) => {
  const clientWith = (token: string) => openClient[transport]({ url: `${app.url}/graphql`, token })

  it('open with the sessions that there are, tell of a new one and of its end, and go on from a cursor', async () => {
    const user = await signUpAt(app.url, `ada-${transport}`)
    const { sessions } = await user.request<{ sessions: readonly { id: string }[] }>('{ sessions { id } }')
    const own = { id: sessions[0]?.id, current: true, delivery: 'TOKENS' }
    await using client = clientWith(tokenOf(user))
    const events = client.watch(watch)
    expect(await takeAnswers(events, 1)).toMatchObject([
      {
        data: { sessionEvents: { kind: 'PRESENT', sessionId: own.id, sessions: [own] } },
        extensions: { resume: { status: 'fresh' } },
      },
    ])
    const other = await signInAt(app.url, user)
    const [started] = await takeAnswers(events, 1)
    expect(started).toMatchObject({
      data: { sessionEvents: { kind: 'STARTED', sessions: [{ current: false }, own] } },
    })
    await other.request('mutation { signOut }')
    expect(await takeAnswers(events, 1)).toMatchObject([
      { data: { sessionEvents: { kind: 'ENDED', sessions: [own] } } },
    ])
    await events.return()
    const after = started?.extensions?.resume?.cursor ?? ''
    const again = client.watch(watch, { after })
    expect(await takeAnswers(again, 1)).toMatchObject([{ data: { sessionEvents: { kind: 'ENDED' } } }])
    await again.return()
  })
})
