import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { type Credential, endsWithin, type LiveStream, openLiveStream } from '../support/live-streams.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signInAt, signUpAt } from '../support/signed-in.ts'

let app: App
let ada: SignedInUser
let bobId: string
let database: DatabaseSync
let folder: Awaited<ReturnType<typeof makeTestFolder>>

beforeAll(async () => {
  folder = await makeTestFolder()
  const channels = readConfig({ CHANNELS: 'staff/* listen=admin publish=signed-in' }).channels
  app = await openTestApp({ channels, dataDir: folder.path })
  ada = await signUpAt(app.url, 'ada', app.setupToken)
  const bob = await signUpAt(app.url, 'bob')
  bobId = (await bob.request<{ me: { id: string } }>('{ me { id } }')).me.id
  database = new DatabaseSync(join(folder.path, 'millrace.sqlite'))
})
afterAll(async () => {
  database.close()
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function setRoles(roles: readonly string[]): Promise<void> {
  const query = `mutation ($id: ID!, $roles: [Role!]!) {
    setUserRoles(id: $id, roles: $roles) { __typename ... on Error { message } }
  }`
  const { setUserRoles } = await ada.request<{ setUserRoles: { __typename: string } }>(query, { id: bobId, roles })
  expect(setUserRoles.__typename).toBe('ManagedUser')
}

async function publish(channel: string): Promise<void> {
  const query = 'mutation ($c: String!) { publishMessage(channel: $c, body: "secret") { __typename } }'
  expect(await ada.request(query, { c: channel })).toEqual({ publishMessage: { __typename: 'MessageAccepted' } })
}

/** Somebody who has become an administrator, with one session. */
async function newAdministrator(): Promise<SignedInUser> {
  await setRoles(['USER', 'ADMIN'])
  return signInAt(app.url, { email: 'bob@example.com' })
}

/** A key with which they may do what they may. */
async function keyOf(user: SignedInUser): Promise<Credential> {
  const query = `mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { ... on ApiKeyIssued { key } ... on Error { message } }
  }`
  const input = { name: 'listener', scopes: ['ADMIN', 'CHANNELS_READ'] }
  const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(query, { input })
  return { 'x-api-key': createApiKey.key }
}

/** Streams of one credential. */
function openStreams(channel: string, credential: Credential, sse: number): Promise<readonly LiveStream[]> {
  const query = `subscription { channel(name: "${channel}") { __typename ... on MessagePublished { message { body } } } }`
  const url = `${app.url}/graphql`
  return Promise.all([
    openLiveStream.ws(url, credential, { query }),
    openLiveStream.poll(url, credential, { query }),
    ...Array.from({ length: sse }, () => openLiveStream.sse(url, credential, { query })),
  ])
}

/** How they end that were given nothing any more. */
const refused = (sse: number) => [4403, ...Array<string>(1 + sse).fill('UNAUTHENTICATED')]

describe('the streams of somebody who may hear a channel no more', () => {
  it('give nothing of what is said after that', async () => {
    const streams = await openStreams('staff/many', (await newAdministrator()).headers, 60)
    await setRoles(['USER'])
    await publish('staff/many')
    expect(await endsWithin(5_000, streams)).toEqual(refused(60))
    await expect(streams[0]?.next()).rejects.toThrow('closed')
  })

  it('give nothing, either, while it cannot be looked up what they may', async () => {
    const streams = await openStreams('staff/away', await keyOf(await newAdministrator()), 3)
    const witness = await openLiveStream.ws(`${app.url}/graphql`, ada.headers, {
      query: 'subscription { channel(name: "staff/away") { __typename } }',
    })
    database.exec('alter table api_keys rename to away')
    try {
      await setRoles(['USER'])
      await publish('staff/away')
      expect(await witness.next()).toMatchObject({ data: { channel: { __typename: 'MessagePublished' } } })
    } finally {
      database.exec('alter table away rename to api_keys')
    }
    expect(await endsWithin(5_000, streams)).toEqual(refused(3))
    await expect(streams[0]?.next()).rejects.toThrow('closed')
    witness.close()
  })
})

describe('the streams of somebody who may still hear a channel', () => {
  it('give all that is said while it is looked up, in order', async () => {
    const streams = await openStreams('staff/stays', (await newAdministrator()).headers, 3)
    await setRoles(['ADMIN'])
    await publish('staff/stays')
    for (const stream of streams) expect(JSON.stringify(await stream.next())).toContain('secret')
    for (const stream of streams) stream.close()
  })
})
