import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

describe('the SQLite store of several processes', () => {
  it('loses no transaction of several processes that write at once, and their event loops go on', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    const each = 300
    const writer = new URL('fixtures/store-writer.ts', import.meta.url)
    const children = ['left', 'right'].map((own) => fork(writer, [path, own, String(each)]))
    await Promise.all(children.map(nextMessage))
    for (const child of children) child.send('go')
    const reports = await Promise.all(children.map(nextMessage))
    expect(reports.map(({ acknowledged }) => acknowledged)).toEqual([each, each])
    // The driver is synchronous: a wait for the lock inside it would stall the loop for as long, by default for seconds.
    for (const { longestMs } of reports) expect(longestMs).toBeLessThan(500)

    await using store = await sqliteStore({ path })
    const log = await store.read(async (records) => ({
      shared: await records.log.read('shared', 0, 10_000),
      left: await records.log.head('left'),
      right: await records.log.head('right'),
    }))
    expect(log.shared.map(({ offset }) => offset)).toEqual(Array.from({ length: 2 * each }, (_, index) => index + 1))
    expect([log.left?.offset, log.right?.offset]).toEqual([each, each])
  })

  it('lets each of four that write without a pause have its turn, one that writes now and then among them', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    const each = 400
    const writer = new URL('fixtures/store-writer.ts', import.meta.url)
    const names = ['a', 'b', 'c', 'd']
    const children = names.map((own) => fork(writer, [path, own, String(each), 'renewing']))
    await Promise.all(children.map(nextMessage))
    for (const child of children) child.send('go')
    const reports = await Promise.all(children.map(nextMessage))
    expect(reports.map(({ acknowledged }) => acknowledged)).toEqual(names.map(() => each))
    for (const { longestMs, longestRenewalMs } of reports) {
      expect(longestMs).toBeLessThan(1000)
      // A lease is lost after 4.5 s.
      expect(longestRenewalMs).toBeLessThan(2000)
    }

    await using store = await sqliteStore({ path })
    const offsets = await store.read(async ({ log }) => ({
      shared: (await log.read('shared', 0, 10_000)).map(({ offset }) => offset),
      own: await Promise.all(names.map(async (name) => (await log.head(name)).offset)),
    }))
    expect(offsets.shared).toEqual(Array.from({ length: 4 * each }, (_, index) => index + 1))
    expect(offsets.own).toEqual(names.map(() => each))
  })

  it('says what to do when another process does not let go of the lock', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await (await sqliteStore({ path }))[Symbol.asyncDispose]()
    const holder = fork(new URL('fixtures/lock-holder.ts', import.meta.url), [path])
    try {
      await nextMessage(holder)
      await expect(sqliteStore({ path })).rejects.toMatchObject({
        code: 'STORE_BUSY',
        message: `Another process holds the lock of the database ${path} and does not let go of it, such as one that is stopped or hangs. Nothing is wrong with the database: end that process and start again.`,
      })
    } finally {
      const ended = once(holder, 'exit')
      holder.kill('SIGKILL')
      await ended
    }
  }, 30_000)

  it('opens while one of several is killed again and again', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    const writer = new URL('fixtures/store-writer.ts', import.meta.url)
    const steady = fork(writer, [path, 'steady', '1500'])
    await nextMessage(steady)
    steady.send('go')
    const finished = nextMessage(steady)
    for (let round = 0; round < 3; round += 1) {
      const victim = fork(writer, [path, 'victim', '1000000', 'each'])
      await nextMessage(victim)
      victim.send('go')
      await nextMessage(victim)
      victim.kill('SIGKILL')
      await once(victim, 'close')
      // Reads and writes while the log may have to be recovered.
      await using store = await sqliteStore({ path })
      await store.write(({ log }) => log.append('opened', { round }))
    }
    expect((await finished)['acknowledged']).toBe(1500)
    await using store = await sqliteStore({ path })
    const heads = await store.read(async ({ log }) => [await log.head('opened'), await log.head('steady')])
    expect(heads.map(({ offset }) => offset)).toEqual([3, 1500])
  })

  it('keeps every acknowledged write when its process is killed', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    const child = fork(new URL('fixtures/store-writer.ts', import.meta.url), [path, 'own', '1000000', 'each'])
    await nextMessage(child)
    let acknowledged = 0
    const enough = Promise.withResolvers<void>()
    child.on('message', (message: { acknowledged: number }) => {
      acknowledged = message.acknowledged
      if (acknowledged >= 200) enough.resolve()
    })
    child.send('go')
    await enough.promise
    child.kill('SIGKILL')
    await once(child, 'close')

    await using store = await sqliteStore({ path })
    const [shared, own] = await store.read(async ({ log }) => [await log.head('shared'), await log.head('own')])
    expect(own?.offset).toBeGreaterThanOrEqual(acknowledged)
    expect(shared?.offset).toBe(own?.offset)
    const database = new DatabaseSync(path)
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
  })
})

async function nextMessage(child: ChildProcess): Promise<Record<string, number>> {
  const gone = new AbortController()
  child.once('exit', (code) => gone.abort(new Error(`The writer ended with ${code}.`)))
  const [message] = await once(child, 'message', { signal: gone.signal })
  return message
}
