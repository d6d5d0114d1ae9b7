import { cp, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { installationOf } from '../../src/adapters/local/installation.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { alone, among, type Carrier, type SurroundingsParts } from '../../src/compose/surroundings.ts'
import { openClusterLine } from '../support/cluster-lines.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openPrivateRedis } from '../support/private-redis.ts'
import { heardBy } from './fixtures/heard-by.ts'

interface Bench extends AsyncDisposable {
  /** What two servers are made of: the second one's database is a copy of the first one's. */
  readonly original: SurroundingsParts
  readonly copy: SurroundingsParts
  /** One more process. */
  open(parts: SurroundingsParts): Promise<Carrier>
  /** One more member of a cluster, whose primary calls the installation so. */
  join(parts: SurroundingsParts, installation: string): Promise<Carrier>
}

async function openBench(): Promise<Bench> {
  await using opened = new AsyncDisposableStack()
  const { url } = opened.use(await openPrivateRedis())
  const { path } = opened.use(await makeTestFolder())
  await mkdir(join(path, 'original'))
  const first = await sqliteStore({ path: join(path, 'original', 'millrace.sqlite') })
  await first[Symbol.asyncDispose]()
  await cp(join(path, 'original'), join(path, 'copy'), { recursive: true })
  const all = opened.move()
  const partsIn = async (name: string): Promise<SurroundingsParts> => {
    const database = join(path, name, 'millrace.sqlite')
    const store = all.use(await sqliteStore({ path: database }))
    return { store, folder: { database }, secret: 'the root secret of both', logger: collectingLogger() }
  }
  return {
    original: await partsIn('original'),
    copy: await partsIn('copy'),
    open: async (parts) => all.use(await alone({ redisUrl: url }).surround(parts)),
    async join(parts, installation) {
      const { toPrimary: peer, line } = all.use(openClusterLine())
      const place = among({ number: 1, nodeId: 'node_1', installation, peer, line }, { redisUrl: url })
      return all.use(await place.surround(parts))
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** What each of the others has heard when who belongs with the first one has heard the first one. */
async function heardOf(speaker: Carrier, friend: Carrier, stranger: Carrier): Promise<readonly (readonly unknown[])[]> {
  const heard = [await heardBy(friend.bus, 'c'), await heardBy(stranger.bus, 'c')]
  speaker.bus.publish('c', 'ours')
  stranger.bus.publish('c', 'theirs')
  await eventually(() => heard.every((messages) => messages.length > 0))
  speaker.bus.publish('c', 'ours again')
  await eventually(() => heard[0]?.length === 2)
  return heard
}

describe('two databases on one Redis, one the copy of the other', () => {
  it('do not hear each other, and the processes of one do', async () => {
    await using bench = await openBench()
    expect(bench.copy.store.id).toBe(bench.original.store.id)
    const [one, two] = [await bench.open(bench.original), await bench.open(bench.original)]
    const stranger = await bench.open(bench.copy)
    expect(await heardOf(one, two, stranger)).toEqual([['ours', 'ours again'], ['theirs']])
  })

  it('count apart, and the processes of one together', async () => {
    await using bench = await openBench()
    const limit = { attempts: 1, seconds: 60 }
    const [one, two] = [await bench.open(bench.original), await bench.open(bench.original)]
    const stranger = await bench.open(bench.copy)
    await one.openLimiter('name', limit).consume('key')
    await stranger.openLimiter('name', limit).consume('key')
    await expect(two.openLimiter('name', limit).consume('key')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

it('members of a cluster meet where their primary says', async () => {
  await using bench = await openBench()
  const [one, two] = [await bench.join(bench.original, 'given'), await bench.join(bench.original, 'given')]
  const stranger = await bench.open(bench.original)
  expect(await heardOf(one, two, stranger)).toEqual([['ours', 'ours again'], ['theirs']])
})

describe('the name of an installation', () => {
  it('stays as it is while its database is used and moved, and is no other store’s', async () => {
    await using bench = await openBench()
    const { store, folder } = bench.original
    const parts = { storeId: store.id, database: folder.database }
    const name = await installationOf(parts)
    await store.write(({ log }) => log.append('topic', {}))
    expect(await installationOf(parts)).toBe(name)
    expect(name).toMatch(/^[\w-]{22}$/)
    expect(await installationOf({ ...parts, storeId: 'another' })).not.toBe(name)
    const database = `${folder.database}.moved`
    await rename(folder.database, database)
    expect(await installationOf({ ...parts, database })).toBe(name)
    await rename(database, folder.database)
  })
})
