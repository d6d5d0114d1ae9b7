import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { newId } from '../../src/core/ids.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { enter, enterArtifact, enterWritten } from './fixtures/ledger-entries.ts'
import { raced } from './fixtures/raced.ts'

const written = (store: Store, id: string) => store.read(({ ledger }) => ledger.written(id))
const drop = (store: Store, jobId: string, fence: number) =>
  store.write(({ ledger }) => ledger.dropWritten(jobId, fence))
const exists = (store: Store, id: string) => store.read(async ({ artifacts }) => (await artifacts.find(id)) !== null)

describe('the files that a job writes', () => {
  it('are listed in the order in which they were made, beside those that its input names', async () => {
    await using store = await openTestStore()
    const named = await enterArtifact(store)
    const [job, other] = [await enter(store, { artifactIds: [named.id] }), await enter(store)]
    const files = [await enterArtifact(store), await enterArtifact(store), await enterArtifact(store)]
    for (const file of files.toReversed()) {
      await store.write(({ ledger }) => ledger.attachWritten(job.id, 1, file.id))
    }
    await enterWritten(store, { jobId: other.id })
    expect(await written(store, job.id)).toEqual(files)
    expect(await store.read(({ ledger }) => ledger.artifacts(job.id))).toMatchObject([{ id: named.id }])
    expect(await written(store, newId('job'))).toEqual([])
  })

  it('must be artifacts, of a job that there is', async () => {
    await using store = await openTestStore()
    const { id } = await enter(store)
    const file = await enterArtifact(store)
    const attach = (jobId: string, artifactId: string) =>
      store.write(({ ledger }) => ledger.attachWritten(jobId, 1, artifactId))
    await expect(attach(id, newId('artifact'))).rejects.toThrow('FOREIGN KEY')
    await expect(attach(newId('job'), file.id)).rejects.toThrow('FOREIGN KEY')
    expect(await written(store, id)).toEqual([])
  })

  it('go when their attempt came to nothing, but not those of another attempt or job', async () => {
    await using store = await openTestStore()
    const [job, other] = [await enter(store), await enter(store)]
    const lost = [
      await enterWritten(store, { jobId: job.id, fence: 1 }),
      await enterWritten(store, { jobId: job.id, fence: 1 }),
    ]
    const kept = await enterWritten(store, { jobId: job.id, fence: 2 })
    const foreign = await enterWritten(store, { jobId: other.id, fence: 1 })
    const loose = await enterArtifact(store)
    const hashes = await drop(store, job.id, 1)
    expect(new Set(hashes)).toEqual(new Set(lost.map(({ hash }) => hash)))
    for (const { id } of lost) expect(await exists(store, id)).toBe(false)
    expect(await written(store, job.id)).toEqual([kept])
    expect(await written(store, other.id)).toEqual([foreign])
    expect(await exists(store, loose.id)).toBe(true)
    expect(await drop(store, job.id, 1)).toEqual([])
  })

  it('stay, no longer as its own, when another job names or was given them', async () => {
    await using store = await openTestStore()
    const { id: jobId } = await enter(store)
    const [named, given] = [await enterWritten(store, { jobId }), await enterWritten(store, { jobId })]
    await enter(store, { artifactIds: [named.id] })
    const other = await enter(store)
    await store.write(({ ledger }) => ledger.attachWritten(other.id, 0, given.id))
    expect(await drop(store, jobId, 1)).toEqual([])
    expect(await written(store, jobId)).toEqual([])
    expect(await exists(store, named.id)).toBe(true)
    expect(await written(store, other.id)).toEqual([given])
  })

  it('are either dropped or named, when two stores on one file do both at once', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const { id: jobId } = await enter(store)
    for (let fence = 1; fence <= 30; fence += 1) {
      const { id, hash } = await enterWritten(store, { jobId, fence })
      const dropping = () => drop(store, jobId, fence)
      const naming = () => enter(other, { artifactIds: [id] })
      const [dropped, named] = await raced(fence, dropping, naming)
      const gone = named.status === 'rejected'
      expect(dropped).toMatchObject({ status: 'fulfilled', value: gone ? [hash] : [] })
      expect(await exists(store, id)).toBe(!gone)
    }
  })
})
