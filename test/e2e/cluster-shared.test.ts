import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectToEach, type KeptConnection } from '../support/kept-connection.ts'
import { endsWithin, openLiveStreams, type LiveStream } from '../support/live-streams.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openPrivateRedis } from '../support/private-redis.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { signInAt, type SignedInUser, signUpAt } from '../support/signed-in.ts'

const members = 4
const userMessages = 24
const wrongTokens = 30

const sessionEvents = { query: 'subscription { sessionEvents { kind sessions { id } } }' }
const publish = `mutation ($body: JSON!) {
  publishMessage(channel: "chat/lobby", body: $body) { __typename }
}`
const verify = 'mutation ($token: String!) { verifyEmail(token: $token) { __typename } }'

interface StreamCounts {
  readonly clusterStatus: { readonly members: readonly { readonly load: { readonly streams: number } }[] }
}

/** The name of what the mutation gave. */
function given({ data }: { readonly data: Readonly<Record<string, unknown>> }): string | undefined {
  const [result] = Object.values(data) as ({ __typename: string } | null)[] // as the operations above ask
  return result?.__typename
}

const openRedis = { cluster: async () => null, redis: () => openPrivateRedis() } as const

describe.each(['cluster', 'redis'] as const)('four members, in a deployment of the kind "%s"', (deployment) => {
  const opened = new AsyncDisposableStack()
  let server: ServerProcess
  let ada: SignedInUser
  let byNode: ReadonlyMap<string, KeptConnection>

  beforeAll(async () => {
    const folder = opened.use(await makeTestFolder())
    const redis = await openRedis[deployment]()
    if (redis !== null) opened.use(redis)
    server = opened.use(
      await startServer(folder.path, {
        WEB_CONCURRENCY: String(members),
        CHANNEL_USER_MESSAGES: String(userMessages),
        LOG_LEVEL: 'warn',
        ...(redis === null ? {} : { REDIS_URL: redis.url }),
      }),
    )
    ada = await signUpAt(server.url, 'ada', server.setupToken)
    const each = await connectToEach(server.url, ada.headers, members)
    opened.defer(() => each[Symbol.dispose]())
    byNode = each.byNode
  }, 90_000)

  afterAll(() => opened.disposeAsync())

  /** Streams of one credential of which each member has some. */
  async function openEverywhere(headers: SignedInUser['headers'], operation: { query: string }): Promise<LiveStream[]> {
    const streams: LiveStream[] = []
    for (let round = 0; round < members; round += 1) {
      streams.push(...(await openLiveStreams(`${server.url}/graphql`, headers, operation)))
    }
    return streams
  }

  it('tell an administrator of themselves, whichever is asked', async () => {
    const query =
      '{ clusterStatus { isSupervised primaryPid members { number nodeId state load { bus { kind isLive } } } } }'
    for (const connection of byNode.values()) {
      const { data } = await connection.ask(ada.headers, query)
      const kind = deployment === 'redis' ? 'REDIS' : 'IPC'
      expect(data['clusterStatus']).toMatchObject({
        isSupervised: true,
        primaryPid: server.pid,
        members: [1, 2, 3, 4].map((number) => ({ number, state: 'READY', load: { bus: { kind, isLive: true } } })),
      })
    }
  })

  it('end the streams of a user everywhere within a second when one of them is told to', async () => {
    const eve = await signUpAt(server.url, 'eve')
    const ending = await signInAt(server.url, eve)
    const streams = await openEverywhere(eve.headers, sessionEvents)
    const others = await openEverywhere(ada.headers, sessionEvents)
    const { clusterStatus } = await ada.request<StreamCounts>('{ clusterStatus { members { load { streams } } } }')
    for (const { load } of clusterStatus.members) expect(load.streams).toBeGreaterThan(1)

    expect(await ending.request('mutation { revokeOtherSessions }')).toEqual({ revokeOtherSessions: 1 })
    const codes = await endsWithin(1_000, streams)
    expect(codes).toEqual(Array.from({ length: members }, () => [4401, 'SESSION_REVOKED', 'SESSION_REVOKED']).flat())
    for (const connection of byNode.values()) {
      expect(await connection.ask(eve.headers, '{ me { id } }')).toMatchObject({ code: 'SESSION_REVOKED' })
    }

    await signInAt(server.url, ada)
    for (const stream of others) {
      expect(JSON.stringify(await stream.next())).toContain('STARTED')
      stream.close()
    }
  }, 60_000)

  it('bring what one of them publishes to the subscribers of all', async () => {
    const operation = {
      query: 'subscription { channel(name: "chat/lobby") { __typename ... on MessagePublished { message { body } } } }',
    }
    const streams = await openEverywhere(ada.headers, operation)
    const [publisher] = byNode.values()
    expect(given((await publisher?.ask(ada.headers, publish, { body: 'to all' })) ?? { data: {} })).toBe(
      'MessageAccepted',
    )
    // Long before anybody looks for what the bus may have lost.
    const late = sleep(5_000, 'Nothing came.', { ref: false })
    for (const stream of streams) {
      expect(JSON.stringify(await Promise.race([stream.next(), late]))).toContain('to all')
      stream.close()
    }
  }, 30_000)

  it('count together what one user may publish', async () => {
    const bob = await signUpAt(server.url, 'bob')
    const connections = [...byNode.values()]
    const each = userMessages / 2
    const names = await Promise.all(
      connections.flatMap((connection) =>
        Array.from({ length: each }, async (_, body) => given(await connection.ask(bob.headers, publish, { body }))),
      ),
    )
    expect(names.filter((name) => name === 'MessageAccepted')).toHaveLength(userMessages)
    expect(names.filter((name) => name === 'RateLimitedError')).toHaveLength(members * each - userMessages)
  }, 30_000)

  it('count together what comes from one network', async () => {
    const names: (string | undefined)[] = []
    for (let index = 0; index < wrongTokens + 8; index += 1) {
      const [connection] = [...byNode.values()].slice(index % members)
      names.push(given((await connection?.ask({}, verify, { token: `wrong ${index}` })) ?? { data: {} }))
    }
    expect(names).toEqual([
      ...Array.from({ length: wrongTokens }, () => 'InvalidTokenError'),
      ...Array.from({ length: 8 }, () => 'RateLimitedError'),
    ])
  }, 30_000)
})
