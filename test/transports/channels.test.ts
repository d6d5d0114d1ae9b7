import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { settings } from '../../src/settings/settings.ts'
import { openClient, transports } from '../support/clients/open-client.ts'
import { allAnswers, type Answer, takeAnswers } from '../support/clients/stream-client.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let app: App
let root: SignedInUser
let ada: SignedInUser
let eve: SignedInUser
let adaId: string

beforeAll(async () => {
  const table = 'brief/* listen=signed-in publish=signed-in messages=5; '
  const channels = readConfig({ CHANNELS: table + settings.CHANNELS.default }).channels
  app = await openTestApp({ channels })
  root = await signUpAt(app.url, 'root', app.setupToken)
  ada = await signUpAt(app.url, 'ada')
  eve = await signUpAt(app.url, 'eve')
  adaId = (await ada.request<{ me: { id: string } }>('{ me { id } }')).me.id
})
afterAll(() => app[Symbol.asyncDispose]())

const listen = (name: string, last = 0) => ({
  query: `subscription ($name: String!, $last: Int!) {
    channel(name: $name, last: $last) {
      __typename channel at
      ... on ChannelSnapshot { messages { body } }
      ... on MessagePublished { message { id channel body sentAt senderId } }
    }
  }`,
  variables: { name, last },
})
const watchNotices = {
  query: `subscription {
    notices {
      __typename at
      ... on NoticesSnapshot { notices { id text severity publishedAt until } }
      ... on NoticePublished { notice { id text } }
      ... on NoticeWithdrawn { noticeId }
    }
  }`,
}

interface Published {
  readonly publishMessage: {
    readonly cursor: string
    readonly message: { readonly id: string; readonly channel: string; readonly body: unknown }
  }
}

async function publish(user: SignedInUser, channel: string, body: unknown) {
  const { publishMessage } = await user.request<Published>(
    `mutation ($channel: String!, $body: JSON!) {
      publishMessage(channel: $channel, body: $body) {
        ... on MessageAccepted { cursor message: published { id channel body sentAt senderId } }
      }
    }`,
    { channel, body },
  )
  return publishMessage
}

const tokenOf = ({ headers }: SignedInUser) => headers['authorization']?.replace('Bearer ', '') ?? ''
const codes = (answers: readonly Answer[]) => answers.map(({ errors }) => errors?.[0]?.extensions?.['code'])
const cursorOf = (answer: Answer | undefined) => answer?.extensions?.resume?.cursor ?? ''

describe.each(transports)('over %s', (transport) => {
  const clientOf = (user: SignedInUser | null) => {
    const url = `${app.url}/graphql`
    return openClient[transport](user === null ? { url } : { url, token: tokenOf(user) })
  }

  it('a message reaches all who listen, with the place that its sender was told, and those who come back', async () => {
    const name = `chat/${transport}`
    const before = await publish(ada, name, 'before 😀')
    await using first = clientOf(ada)
    await using second = clientOf(eve)
    const streams = [first.watch(listen(name, 5)), second.watch(listen(name, 5))]
    const snapshot = { __typename: 'ChannelSnapshot', channel: name, messages: [{ body: 'before 😀' }] }
    for (const stream of streams) {
      expect(await takeAnswers(stream, 1)).toMatchObject([
        { data: { channel: snapshot }, extensions: { resume: { cursor: before.cursor, status: 'fresh' } } },
      ])
    }
    const published = [await publish(ada, name, { text: 'one' }), await publish(eve, name, 'x'.repeat(60_000))]
    for (const stream of streams) {
      const answers = await takeAnswers(stream, 2)
      expect(answers.map(({ data }) => data)).toMatchObject(
        published.map(({ message }) => ({ channel: { __typename: 'MessagePublished', channel: name, message } })),
      )
      expect(answers.map(cursorOf)).toEqual(published.map(({ cursor }) => cursor))
      await stream.return()
    }
    const again = second.watch(listen(name), { after: before.cursor, onGap: 'error' })
    expect((await takeAnswers(again, 2)).map(cursorOf)).toEqual(published.map(({ cursor }) => cursor))
    await again.return()
  })

  it('what is public is heard without signing in, and nothing else is', async () => {
    const name = `public/${transport}`
    await using client = clientOf(null)
    const stream = client.watch(listen(name))
    const [opening] = await takeAnswers(stream, 1)
    expect(opening).toMatchObject({ data: { channel: { __typename: 'ChannelSnapshot', messages: [] } } })
    const { message, cursor } = await publish(root, name, { n: 1 })
    const [heard] = await takeAnswers(stream, 1)
    expect(heard).toMatchObject({ data: { channel: { message } } })
    expect(cursorOf(heard)).toBe(cursor)
    await stream.return()
    const again = client.watch(listen(name), { after: cursorOf(opening) })
    expect(await takeAnswers(again, 1)).toMatchObject([{ data: { channel: { message } } }])
    await again.return()
    for (const guarded of [`chat/${transport}`, `user/${adaId}/x`, `inbox/${adaId}`]) {
      expect(codes(await allAnswers(client.watch(listen(guarded))))).toEqual(['UNAUTHENTICATED'])
      // A cursor opens nothing.
      expect(codes(await allAnswers(client.watch(listen(guarded), { after: cursor })))).toEqual(['UNAUTHENTICATED'])
    }
    expect(codes(await allAnswers(client.watch(watchNotices)))).toEqual(['UNAUTHENTICATED'])
  })

  it('a channel of one user is not there for another, as one that no row has; and bad input is told', async () => {
    const name = `user/${adaId}/${transport}`
    const { cursor } = await publish(ada, name, 1)
    await using own = clientOf(ada)
    const stream = own.watch(listen(name, 1))
    expect(await takeAnswers(stream, 1)).toMatchObject([{ data: { channel: { messages: [{ body: 1 }] } } }])
    await stream.return()
    await using other = clientOf(eve)
    const refusals = await Promise.all([
      allAnswers(other.watch(listen(name))),
      allAnswers(other.watch(listen(name), { after: cursor })),
      allAnswers(other.watch(listen('nothing/x'))),
    ])
    expect(refusals.map(codes)).toEqual([['NOT_FOUND'], ['NOT_FOUND'], ['NOT_FOUND']])
    expect(new Set(refusals.map(([refusal]) => refusal?.errors?.[0]?.message)).size).toBe(1)
    for (const bad of [listen('chat'), listen('chat/x', 101), listen('chat/x', -1)])
      expect(codes(await allAnswers(other.watch(bad)))).toEqual(['INVALID_INPUT'])
  })

  it('a cursor that is past keeping is told as a gap, or refused where that was wanted', async () => {
    const name = `brief/${transport}`
    await using client = clientOf(ada)
    const { cursor } = await publish(ada, name, 'first')
    // More than are kept, and than may be over that before they are forgotten.
    for (let n = 0; n < 100; n += 1) await publish(ada, name, n)
    expect(codes(await allAnswers(client.watch(listen(name), { after: cursor, onGap: 'error' })))).toEqual([
      'CURSOR_EXPIRED',
    ])
    const stream = client.watch(listen(name, 2), { after: cursor })
    expect(await takeAnswers(stream, 1)).toMatchObject([
      {
        data: { channel: { messages: [{ body: 98 }, { body: 99 }] } },
        extensions: { resume: { status: 'snapshot', gap: true } },
      },
    ])
    await stream.return()
  })

  it('notices reach whoever is signed in: those in force, a new one, and its end', async () => {
    await using client = clientOf(ada)
    const stream = client.watch(watchNotices)
    const [opening] = await takeAnswers(stream, 1)
    expect(opening).toMatchObject({ data: { notices: { __typename: 'NoticesSnapshot', notices: [] } } })
    const { publishNotice } = await root.request<{ publishNotice: { notice: { id: string } } }>(
      'mutation { publishNotice(text: "Down.") { ... on NoticeAccepted { notice { id text } } } }',
    )
    const { notice } = publishNotice
    await root.request('mutation ($id: ID!) { withdrawNotice(id: $id) }', { id: notice.id })
    const told = [
      { __typename: 'NoticePublished', notice },
      { __typename: 'NoticeWithdrawn', noticeId: notice.id },
    ].map((notices) => ({ data: { notices } }))
    expect(await takeAnswers(stream, 2)).toMatchObject(told)
    await stream.return()
    const again = client.watch(watchNotices, { after: cursorOf(opening), onGap: 'error' })
    expect(await takeAnswers(again, 2)).toMatchObject(told)
    await again.return()
  })
})
