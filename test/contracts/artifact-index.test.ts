import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import type { Artifact } from '../../src/ports/artifact-index.ts'
import { openTestStore } from '../support/open-test-store.ts'

function artifact(overrides: Partial<Artifact> = {}): Artifact {
  return {
    id: newId('artifact'),
    ownerId: 'usr_1',
    hash: 'ab'.repeat(32),
    size: 10,
    fileName: 'räksmörgås 🦐.csv',
    mediaType: 'text/csv',
    createdAt: 1_900_000_000_000,
    ...overrides,
  }
}

describe('the index of artifacts', () => {
  it('finds what was entered as it was, and nothing else', async () => {
    await using store = await openTestStore()
    const [one, two] = [artifact(), artifact({ ownerId: 'usr_2' })]
    await store.write(async ({ artifacts }) => {
      await artifacts.insert(one)
      await artifacts.insert(two)
    })
    const find = (id: string) => store.read(({ artifacts }) => artifacts.find(id))
    expect(await find(one.id)).toEqual(one)
    expect(await find(two.id)).toEqual(two)
    expect(await find(newId('artifact'))).toBeNull()
  })

  it('sums up the bytes of each owner, those of one blob twice where it is two artifacts', async () => {
    await using store = await openTestStore()
    const bytes = (ownerId: string) => store.read(({ artifacts }) => artifacts.bytesOf(ownerId))
    expect(await bytes('usr_1')).toBe(0)
    await store.write(async ({ artifacts }) => {
      await artifacts.insert(artifact())
      await artifacts.insert(artifact())
      await artifacts.insert(artifact({ size: 0 }))
      await artifacts.insert(artifact({ ownerId: 'usr_2', size: 2 ** 40 }))
    })
    expect(await bytes('usr_1')).toBe(20)
    expect(await bytes('usr_2')).toBe(2 ** 40)
  })

  it('tells which hashes no artifact has', async () => {
    await using store = await openTestStore()
    const [a, b, c] = ['aa'.repeat(32), 'bb'.repeat(32), 'cc'.repeat(32)]
    await store.write(async ({ artifacts }) => {
      await artifacts.insert(artifact({ hash: a }))
      await artifacts.insert(artifact({ hash: a, ownerId: 'usr_2' }))
      await artifacts.insert(artifact({ hash: b }))
    })
    const unowned = (hashes: readonly string[]) => store.read(({ artifacts }) => artifacts.unowned(hashes))
    expect(await unowned([a, b, c])).toEqual([c])
    expect(await unowned([a])).toEqual([])
    expect(await unowned([])).toEqual([])
  })

  it('refuses an id that is taken', async () => {
    await using store = await openTestStore()
    const one = artifact()
    await store.write(({ artifacts }) => artifacts.insert(one))
    await expect(store.write(({ artifacts }) => artifacts.insert({ ...one, size: 11 }))).rejects.toThrow('UNIQUE')
    expect(await store.read(({ artifacts }) => artifacts.find(one.id))).toEqual(one)
  })
})
