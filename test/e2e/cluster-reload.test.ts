import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { membersOf } from '../chaos/processes.ts'
import { eventually } from '../support/eventually.ts'
import { openKeptConnection } from '../support/kept-connection.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const members = 4

/** What a client asks again and again, and whether it takes a new connection each time. */
const clients = [
  { query: '{ me { id } }', keeps: true },
  { query: '{ me { id } }', keeps: true },
  { query: '{ me { id } }', keeps: false },
  { query: 'mutation { publishMessage(channel: "chat/lobby", body: 1) { __typename } }', keeps: true },
  { query: 'mutation { publishMessage(channel: "chat/lobby", body: 1) { __typename } }', keeps: false },
]

/** Asks without a pause until the signal; every other client pauses for as long as a browser may between two requests. */
async function askOn(url: string, headers: SignedInUser['headers'], stop: AbortSignal): Promise<readonly string[]> {
  const told: string[] = []
  const runs = [...clients, ...clients].map(async ({ query, keeps }, index) => {
    using connection = openKeptConnection(url, { keeps })
    while (!stop.aborted) {
      const answered = connection.ask(headers, query).then(
        ({ status, code }) => `${status} ${code}`,
        (error: unknown) => String(error),
      )
      told.push(await answered)
      await sleep(index < clients.length ? 5 : 400)
    }
  })
  await Promise.all(runs)
  return told
}

const pidsOf = (primary: number) => membersOf(primary).map(({ pid }) => pid)

describe('a cluster that is told to replace its members while it works (SIGHUP)', () => {
  it('fails no query and no mutation, over connections that are kept and over new ones', async () => {
    await using folder = await makeTestFolder()
    const settings = { WEB_CONCURRENCY: String(members), CHANNEL_USER_MESSAGES: '1000000', CHANNEL_MESSAGES: '1000000' }
    await using server = await startServer(folder.path, { ...settings, LOG_LEVEL: 'warn' })
    const ada = await signUpAt(server.url, 'ada', server.setupToken)
    const before = pidsOf(server.pid)
    expect(before).toHaveLength(members)

    const stop = new AbortController()
    const asking = askOn(server.url, ada.headers, stop.signal)
    process.kill(server.pid, 'SIGHUP')
    await eventually(() => {
      const now = pidsOf(server.pid)
      return now.length === members && now.every((pid) => !before.includes(pid))
    }, 180_000).finally(() => stop.abort())
    const told = await asking

    expect(told.filter((answer) => answer !== '200 null')).toEqual([])
    expect(told.length).toBeGreaterThan(200)
  }, 240_000)
})
