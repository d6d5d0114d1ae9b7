import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrations } from '../../src/adapters/sql/migrations/migrations.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { LoggedEvent } from '../../src/ports/event-log.ts'
import { makeTestFolder, openTestStore } from '../support/open-test-store.ts'

const places = (events: readonly LoggedEvent[]) => events.map(({ topic, offset }) => `${topic}#${offset}`)

describe('the SQLite store', () => {
  describe('writes', () => {
    it('commit together what one turn of the event loop asks for, and hand out the events in the order of the log', async () => {
      await using store = await openTestStore()
      const commits: string[][] = []
      store.onCommitted((events) => commits.push(places(events)))
      const topics = Array.from({ length: 20 }, (_, index) => `t${index % 3}`)
      await Promise.all(topics.map((topic) => store.write(({ log }) => log.append(topic, {}))))
      // One, unless the machine is so busy that the time of a transaction is over before.
      expect(commits.length).toBeLessThan(topics.length)
      const counts = new Map<string, number>()
      const expected = topics.map((topic) => {
        const offset = (counts.get(topic) ?? 0) + 1
        counts.set(topic, offset)
        return `${topic}#${offset}`
      })
      expect(commits.flat()).toEqual(expected)
    })

    it('undo only the piece that throws, with its events, when several share a commit', async () => {
      await using store = await openTestStore()
      const handedOut: string[] = []
      store.onCommitted((events) => handedOut.push(...places(events)))
      const boom = new Error('boom')
      const results = await Promise.allSettled([
        store.write(({ log }) => log.append('a', { n: 1 })),
        store.write(async ({ log, settings }) => {
          await settings.set('half', 'done')
          await log.append('a', { n: 2 })
          await log.append('b', { n: 1 })
          throw boom
        }),
        store.write(({ log }) => log.append('a', { n: 3 })),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(results[1]).toMatchObject({ reason: boom })
      expect(handedOut).toEqual(['a#1', 'a#2'])
      const seen = await store.read(async ({ log, settings }) => ({
        half: await settings.get('half'),
        a: (await log.read('a', 0, 10)).map(({ body }) => body['n']),
        b: (await log.head('b')).offset,
      }))
      expect(seen).toEqual({ half: null, a: [1, 3], b: 0 })
    })

    it('undo a piece whose statement the engine refuses, and go on', async () => {
      await using store = await openTestStore()
      const artifact = { id: 'art_1', ownerId: 'o', hash: 'h', size: 1, fileName: 'f', mediaType: 't/t', createdAt: 1 }
      const results = await Promise.allSettled([
        store.write(({ artifacts }) => artifacts.insert(artifact)),
        store.write(({ artifacts }) => artifacts.insert(artifact)),
        store.write(({ artifacts }) => artifacts.insert({ ...artifact, id: 'art_2' })),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await store.read(({ artifacts }) => artifacts.bytesOf('o'))).toBe(2)
    })

    it('refuse a value that SQLite would silently store as NULL', async () => {
      await using store = await openTestStore()
      // A value that no type lets through, as a caller without types might.
      const date = new Date() as unknown as string
      await expect(store.write(({ settings }) => settings.set('when', date))).rejects.toThrow(
        'A value of type object cannot be stored; convert it first.',
      )
    })

    it('are refused one by one when thousands wait, and the store goes on afterwards', async () => {
      await using store = await openTestStore()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20_050 }, () => store.write(async ({ settings }) => settings.get('x'))),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused).toHaveLength(50)
      expect(refused[0]).toMatchObject({ reason: { code: 'OVERLOADED' } })
      expect(await store.write(({ settings }) => settings.set('x', '1'))).toBe(true)
    })

    it('give the event loop a turn between commits however many are waiting', async () => {
      await using store = await openTestStore()
      let turns = 0
      let counting = true
      const count = () => {
        turns += 1
        if (counting) setImmediate(count)
      }
      setImmediate(count)
      await Promise.all(Array.from({ length: 2000 }, () => store.write(({ log }) => log.append('t', {}))))
      counting = false
      expect(turns).toBeGreaterThanOrEqual(2000 / 256)
    })
  })

  describe('reads', () => {
    it('see what every resolved write did', async () => {
      await using store = await openTestStore()
      for (let n = 1; n <= 50; n += 1) {
        await store.write(({ settings }) => settings.set('n', String(n)))
        expect(await store.read(({ settings }) => settings.get('n'))).toBe(String(n))
      }
    })

    it('see one state of the whole store although a write commits in between', async () => {
      await using store = await openTestStore()
      await store.write(({ settings }) => settings.set('n', '1'))
      let written: Promise<unknown> = Promise.resolve()
      const seen = await store.read(async ({ settings }) => {
        const before = await settings.get('n')
        written = store.write((records) => records.settings.set('n', '2'))
        await written
        return [before, await settings.get('n')]
      })
      expect(seen).toEqual(['1', '1'])
      expect(await store.read(({ settings }) => settings.get('n'))).toBe('2')
    })

    it('never see half of a write', async () => {
      await using store = await openTestStore()
      const write = (n: number) =>
        store.write(async ({ settings }) => {
          await settings.set('left', String(n))
          await new Promise(setImmediate)
          await settings.set('right', String(n))
        })
      const read = () => store.read(async ({ settings }) => [await settings.get('left'), await settings.get('right')])
      await write(0)
      let writing = true
      const writes = (async () => {
        for (let n = 1; n <= 30; n += 1) await write(n)
        writing = false
      })()
      let reads = 0
      while (writing) {
        const [left, right] = await read()
        expect(left).toBe(right)
        reads += 1
      }
      await writes
      expect(reads).toBeGreaterThan(0)
    })

    it('cannot write', async () => {
      await using store = await openTestStore()
      await expect(store.read(({ settings }) => settings.set('n', '1'))).rejects.toThrow('readonly')
      await expect(store.read(({ log }) => log.append('t', {}))).rejects.toThrow('readonly')
      expect(await store.read(({ settings }) => settings.get('n'))).toBeNull()
    })
  })

  describe('listeners', () => {
    it('hear of events before the write resolves, until they stop', async () => {
      await using store = await openTestStore()
      const heard: string[] = []
      const stop = store.onCommitted((events) => heard.push(...places(events)))
      await store.write(({ log }) => log.append('t', {})).then(() => heard.push('resolved'))
      stop()
      await store.write(({ log }) => log.append('t', {}))
      expect(heard).toEqual(['t#1', 'resolved'])
    })

    it('that throw are reported, and neither undo the write nor keep others from hearing', async () => {
      await using store = await openTestStore()
      const heard: string[] = []
      store.onCommitted(() => {
        throw new Error('a listener that broke its promise')
      })
      store.onCommitted((events) => heard.push(...places(events)))
      const warned = once(process, 'warning')
      await store.write(({ log }) => log.append('t', {}))
      await store.write(({ log }) => log.append('t', {}))
      expect(heard).toEqual(['t#1', 't#2'])
      expect((await warned)[0]).toMatchObject({ message: 'a listener that broke its promise' })
    })
  })

  describe('opening and closing', () => {
    it('keeps its id and its records over a restart', async () => {
      await using folder = await makeTestFolder()
      const path = join(folder.path, 'db.sqlite')
      const first = await sqliteStore({ path })
      await first.write(({ settings }) => settings.set('n', '1'))
      await first[Symbol.asyncDispose]()
      await using second = await sqliteStore({ path })
      expect(second.id).toBe(first.id)
      expect(await second.read(({ settings }) => settings.get('n'))).toBe('1')
    })

    it('finishes what waits, then refuses more, and can be done twice', async () => {
      const store = await openTestStore()
      const waiting = Array.from({ length: 300 }, (_, n) => store.write(({ settings }) => settings.set(`n${n}`, '1')))
      const closing = store[Symbol.asyncDispose]()
      await expect(store.write(({ settings }) => settings.set('late', '1'))).rejects.toThrow('The store is closed.')
      await expect(store.read(({ settings }) => settings.get('late'))).rejects.toThrow('The store is closed.')
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => true))
      await closing
      await store[Symbol.asyncDispose]()
    })

    it('says so when the file is no database', async () => {
      await using folder = await makeTestFolder()
      const path = join(folder.path, 'db.sqlite')
      await writeFile(path, 'this is a letter to my aunt, and not a database at all\n'.repeat(100))
      await expect(sqliteStore({ path })).rejects.toMatchObject({
        code: 'STORE_UNUSABLE',
        message: `The database ${path} cannot be used: file is not a database. Restore it from a backup, or move it away.`,
      })
    })

    it('says so when the file was written by a newer release, and leaves it as it is', async () => {
      await using folder = await makeTestFolder()
      const path = join(folder.path, 'db.sqlite')
      await (await sqliteStore({ path }))[Symbol.asyncDispose]()
      const database = new DatabaseSync(path)
      database.exec(`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01T00:00:00.000Z')`)
      await expect(sqliteStore({ path })).rejects.toMatchObject({
        code: 'STORE_UNUSABLE',
        message:
          'The database was written by a newer release of Millrace (it has "9999-later"): start that release, or restore a backup.',
      })
      const migrated = database.prepare('select count(*) as n from kysely_migration').get()
      expect(migrated).toMatchObject({ n: Object.keys(migrations).length + 1 })
      database.close()
    })

    it('waits, without holding up the event loop, while another process has the lock', async () => {
      await using store = await openTestStore()
      const other = new DatabaseSync(store.path)
      other.exec('begin immediate')
      let released = false
      const writing = store.write(({ settings }) => settings.set('n', '1')).then(() => expect(released).toBe(true))
      // A wait inside the driver would let no timer go off.
      let turns = 0
      const end = performance.now() + 300
      while (performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        turns += 1
      }
      released = true
      other.exec('commit')
      other.close()
      await writing
      expect(turns).toBeGreaterThan(10)
    })

    it('may be opened by several at once, of whom one makes it', async () => {
      await using folder = await makeTestFolder()
      const path = join(folder.path, 'db.sqlite')
      const stores = await Promise.all(Array.from({ length: 4 }, () => sqliteStore({ path })))
      expect(new Set(stores.map(({ id }) => id)).size).toBe(1)
      for (const store of stores) await store[Symbol.asyncDispose]()
    })
  })
})
