import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepCheckpoints } from '../../src/adapters/sql/keep-checkpoints.ts'
import { openForCheckpoints } from '../../src/adapters/sql/node-sqlite.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const mebibyte = 2 ** 20

async function writeMebibytes(store: Store, topic: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await store.write(({ log }) => log.append(topic, { text: 'x'.repeat(mebibyte) }))
}

describe('the write-ahead log of the SQLite store', () => {
  it('goes over into the database file by itself, once there is enough of it', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await using store = await sqliteStore({ path })
    const size = async () => (await stat(path)).size
    await writeMebibytes(store, 'first', 8)
    expect(await size()).toBeLessThan(mebibyte)
    await writeMebibytes(store, 'first', 16)
    await eventually(async () => {
      // Each commit is a reason to look.
      await store.write(({ log }) => log.append('other', {}))
      return (await size()) > 12 * mebibyte
    })
  })

  it('has writers pause while it is far too long, until a checkpoint has come to its end', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await using store = await sqliteStore({ path })
    await writeMebibytes(store, 'first', 4)
    let looks = 0
    const connection = { checkpoint: () => ((looks += 1), { pages: 40_000, moved: 0 }) }
    await using checkpoints = keepCheckpoints(path, connection)
    let writes = false
    await checkpoints.ready()
    checkpoints.committed()
    checkpoints.committed()
    const ready = checkpoints.ready().then(() => {
      writes = true
    })
    await Promise.resolve()
    expect({ writes, looks }).toEqual({ writes: false, looks: 1 })
    await ready
    const database = openForCheckpoints(path)
    const { pages, moved } = database.checkpoint('noop')
    database.close()
    expect(moved).toBe(pages)
  })

  it('is left short when the store is closed, and nothing of it is lost', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    const store = await sqliteStore({ path })
    await writeMebibytes(store, 'first', 24)
    await store[Symbol.asyncDispose]()
    await expect(stat(`${path}-wal`)).rejects.toMatchObject({ code: 'ENOENT' })
    await using again = await sqliteStore({ path })
    expect((await again.read(({ log }) => log.head('first'))).offset).toBe(24)
  })
})
