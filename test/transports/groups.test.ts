import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Credential, openLiveStream, type LiveStream } from '../support/live-streams.ts'
import { openStreamServer } from '../support/open-stream-server.ts'
import { openAcknowledged } from '../support/raw-socket.ts'

const operation = { query: 'subscription { counter(topic: "c-shared") { n viewer connection } }' }
const [ada, grace]: readonly Credential[] = [
  { authorization: 'Bearer user-ada' },
  { authorization: 'Bearer user-grace' },
]

/** A stream of each of them over each transport. */
async function openAll(url: string): Promise<readonly { readonly who: Credential; readonly stream: LiveStream }[]> {
  const opened = Object.values(openLiveStream).flatMap((open) =>
    [ada, grace].map(async (who = {}) => ({ who, stream: await open(url, who, operation) })),
  )
  return Promise.all(opened)
}

/** The counts in what a stream gives next: an answer, or a page of them. */
function countsOf(answer: unknown): readonly unknown[] {
  const { items, data } = answer as { items?: readonly { payload: { data: object } }[]; data?: object }
  return (items?.map(({ payload }) => payload.data) ?? [data]).map((one) => (one as { counter: unknown }).counter)
}

describe('subscribers that share', () => {
  it('never get what was made for somebody else, nor anything of one connection', async () => {
    await using server = await openStreamServer()
    const all = await openAll(server.url)
    await server.count('c-shared', 1)
    for (const { who, stream } of all) {
      const viewer = who === ada ? 'user-ada' : 'user-grace'
      expect(countsOf(await stream.next())).toEqual([{ n: 1, viewer, connection: null }])
      stream.close()
    }
  })

  it('are one execution for each event and viewer, over all transports', async () => {
    await using server = await openStreamServer()
    const all = await openAll(server.url)
    const before = server.executions
    await server.count('c-shared', 1)
    for (const { stream } of all) {
      await stream.next()
      stream.close()
    }
    expect(server.executions - before).toBe(2)
  })

  it('are not kept apart by what they send besides, and leave nothing of it behind', async () => {
    await using server = await openStreamServer()
    const junk = (text: string) => ({ ...operation, variables: { undeclared: text }, extensions: { undeclared: text } })
    const streams = await Promise.all(
      ['one', 'two'].map((text) => openLiveStream.ws(server.url, ada ?? {}, junk(text))),
    )
    const before = server.executions
    await server.count('c-shared', 1)
    for (const stream of streams) await stream.next()
    expect(server.executions - before).toBe(1)
    for (const stream of streams) stream.close()
    await eventually(() => server.openStreams === 0)
  })
})

describe('what is nested too deep', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`

  it('is refused at each door, and no stream stays open', async () => {
    await using server = await openStreamServer()
    const { query } = operation
    const search = `query=${encodeURIComponent(query)}&variables={"j":${'['.repeat(2_000)}${']'.repeat(2_000)}}`
    const get = await fetch(`${server.url}?${search}`, { headers: { accept: 'text/event-stream' } })
    expect([get.status, await get.text()]).toEqual([400, expect.stringContaining('nested deeper than 64 levels')])
    const raw = await openAcknowledged(server.url, ada ?? {})
    raw.socket.send(
      `{"id":"1","type":"subscribe","payload":{"query":${JSON.stringify(query)},"variables":{"j":${deep}}}}`,
    )
    expect((await raw.closed).code).toBe(4400)
    expect(server.openStreams).toBe(0)
  })
})
