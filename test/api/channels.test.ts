import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, type ApiAnswer, type ApiClient, openApi } from './open-api.ts'

const publishMessage = `mutation ($channel: String!, $body: JSON!, $key: String) {
  publishMessage(channel: $channel, body: $body, idempotencyKey: $key) {
    __typename
    ... on MessageAccepted { cursor published { id channel body sentAt senderId } }
    ... on InvalidInputError { issues { path message } }
    ... on IdempotencyConflictError { jobId }
    ... on RateLimitedError { retryAfterSeconds }
    ... on Error { code message }
  }
}`
const publishNotice = `mutation ($text: String!, $until: DateTime, $key: String) {
  publishNotice(text: $text, severity: CRITICAL, until: $until, idempotencyKey: $key) {
    __typename
    ... on NoticeAccepted { notice { id text severity publishedAt until } }
    ... on InvalidInputError { issues { path message } }
    ... on Error { code message }
  }
}`
const notices = '{ notices { id text severity publishedAt until } }'
const withdrawNotice = 'mutation ($id: ID!) { withdrawNotice(id: $id) }'

/** The one field of an answer without errors. */
function valueOf({ data, errors }: ApiAnswer): unknown {
  expect(errors).toEqual([])
  return Object.values(data ?? {})[0]
}
const codes = ({ errors }: ApiAnswer) => errors.map(({ extensions }) => extensions['code'])

describe('channels and notices over GraphQL', () => {
  let api: Api
  let root: ApiClient
  let ada: ApiClient
  let eve: ApiClient
  let adaId: string

  async function newUser(name: string, setupToken: string | null = null): Promise<ApiClient> {
    const client = api.client()
    const input = { email: `${name}@example.com`, password: 'violet hum table 7', displayName: name, setupToken }
    await client.run('mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }', { input })
    return client
  }

  async function newKey(scopes: readonly string[]): Promise<string> {
    const create = `mutation ($scopes: [Scope!]!) {
      createApiKey(input: { name: "feed", scopes: $scopes }) { ... on ApiKeyIssued { key } }
    }`
    const { key } = valueOf(await root.run(create, { scopes })) as { key: string } // as it was asked for
    return key
  }

  beforeAll(async () => {
    api = await openApi({ CHANNEL_MESSAGE_KB: '1', CHANNEL_MESSAGES: '50' })
    root = await newUser('root', api.setupToken)
    ada = await newUser('ada')
    eve = await newUser('eve')
    const { id } = valueOf(await ada.run('{ me { id } }')) as { id: string } // as it was asked for
    adaId = id
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const publish = (client: ApiClient, channel: string, body: unknown = 1, key?: string) =>
    client.run(publishMessage, { channel, body, key })

  it('answer a message with its id, its place, when it was sent and by whom, and never an address', async () => {
    const answer = await publish(ada, 'chat/lobby', { text: 'hi' })
    expect(valueOf(answer)).toEqual({
      __typename: 'MessageAccepted',
      cursor: expect.stringMatching(/^c1\./),
      published: {
        id: expect.stringMatching(/^msg_/),
        channel: 'chat/lobby',
        body: { text: 'hi' },
        sentAt: expect.stringMatching(/Z$/),
        senderId: adaId,
      },
    })
    expect(answer.body).not.toContain('@')
  })

  it('say in the union what is wrong, and that a key was used for another body', async () => {
    expect(valueOf(await publish(ada, 'chat', 'x'.repeat(2000), ''))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['channel'] }, { path: ['body'] }, { path: ['idempotencyKey'] }],
    })
    const first = valueOf(await publish(ada, 'chat/lobby', 1, 'k'))
    expect(valueOf(await publish(ada, 'chat/lobby', 1, 'k'))).toEqual(first)
    expect(valueOf(await publish(ada, 'chat/lobby', 2, 'k'))).toMatchObject({
      __typename: 'IdempotencyConflictError',
      jobId: null,
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(valueOf(await publish(eve, 'chat/lobby', 2, 'k'))).toMatchObject({ __typename: 'MessageAccepted' })
  })

  it('know no channel of another user, and none that no row has', async () => {
    expect(valueOf(await publish(ada, `user/${adaId}/notes`))).toMatchObject({ __typename: 'MessageAccepted' })
    const refused = [await publish(eve, `user/${adaId}/notes`), await publish(eve, 'nothing/x')]
    expect(refused.map(codes)).toEqual([['NOT_FOUND'], ['NOT_FOUND']])
    expect(new Set(refused.map(({ errors }) => errors[0]?.message))).toEqual(new Set(['There is no such channel.']))
    expect(codes(await publish(ada, 'public/news'))).toEqual(['FORBIDDEN'])
    expect(codes(await publish(ada, `inbox/${adaId}`))).toEqual(['FORBIDDEN'])
    expect(valueOf(await publish(root, `inbox/${adaId}`))).toMatchObject({ __typename: 'MessageAccepted' })
  })

  it('take messages of nobody who is not signed in', async () => {
    for (const channel of ['chat/lobby', 'public/news'])
      expect(codes(await publish(api.client(), channel))).toEqual(['UNAUTHENTICATED'])
  })

  it('take messages of a program with the scope, and for administrators with theirs besides', async () => {
    const program = async (scopes: readonly string[], channel: string) =>
      api.client({ cookies: false }).run(publishMessage, { channel, body: 1 }, { apiKey: await newKey(scopes) })
    const accepted = { __typename: 'MessageAccepted' }
    expect(valueOf(await program(['CHANNELS_PUBLISH'], 'chat/lobby'))).toMatchObject(accepted)
    expect(codes(await program(['CHANNELS_READ', 'JOBS_WRITE'], 'chat/lobby'))).toEqual(['INSUFFICIENT_SCOPE'])
    expect(codes(await program(['CHANNELS_PUBLISH'], 'public/news'))).toEqual(['INSUFFICIENT_SCOPE'])
    expect(valueOf(await program(['CHANNELS_PUBLISH', 'ADMIN'], 'public/news'))).toMatchObject(accepted)
  })

  it('make who publishes too often wait', async () => {
    const all = await Promise.all(Array.from({ length: 51 }, () => publish(ada, 'chat/attic')))
    const refused = all.map(valueOf).filter((value) => JSON.stringify(value).includes('RATE_LIMITED'))
    expect(refused).toEqual([
      {
        __typename: 'RateLimitedError',
        retryAfterSeconds: expect.any(Number),
        code: 'RATE_LIMITED',
        message: expect.stringMatching(/^Too many attempts\. Try again in \d+ seconds\.$/),
      },
    ])
  })

  it('let administrators tell everybody, and take it back', async () => {
    const until = '2999-01-01T00:00:00.000Z'
    expect(valueOf(await root.run(publishNotice, { text: '', until }))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['text'] }, { path: ['until'] }],
    })
    const accepted = valueOf(await root.run(publishNotice, { text: 'Down.', key: 'k' })) as { notice: { id: string } } // as it was asked for
    expect(accepted).toMatchObject({ __typename: 'NoticeAccepted', notice: { text: 'Down.', severity: 'CRITICAL' } })
    expect(valueOf(await root.run(publishNotice, { text: 'Down.', key: 'k' }))).toEqual(accepted)
    expect(valueOf(await root.run(publishNotice, { text: 'Up.', key: 'k' }))).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(valueOf(await eve.run(notices))).toEqual([accepted.notice])
    expect(codes(await eve.run(withdrawNotice, accepted.notice))).toEqual(['INSUFFICIENT_SCOPE'])
    expect(codes(await api.client().run(notices))).toEqual(['UNAUTHENTICATED'])
    expect(valueOf(await root.run(withdrawNotice, accepted.notice))).toBe(true)
    expect(codes(await root.run(withdrawNotice, accepted.notice))).toEqual(['NOT_FOUND'])
    expect(valueOf(await eve.run(notices))).toEqual([])
  })

  it('write down what administrators told', async () => {
    const told = async (event: string) => {
      const query =
        'query ($event: AuditEventName) { auditEvents(event: $event) { nodes { event actorId subjectId } } }'
      return valueOf(await root.run(query, { event }))
    }
    const { id: actorId } = valueOf(await root.run('{ me { id } }')) as { id: string } // as it was asked for
    for (const event of ['NOTICE_PUBLISHED', 'NOTICE_WITHDRAWN'])
      expect(await told(event)).toEqual({ nodes: [{ event, actorId, subjectId: null }] })
  })
})
