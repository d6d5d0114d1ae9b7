import { describe, expect, it } from 'vitest'
import { localOpenCounts } from '../../../src/adapters/local/local-open-counts.ts'
import { createUploadBudgets } from '../../../src/services/jobs/upload-budgets.ts'
import { eventually } from '../../support/eventually.ts'
import { openSharingCluster } from '../../support/sharing-cluster.ts'

function openBudgets(stored: Record<string, number> = {}, counts = localOpenCounts()) {
  const readStored = async (ownerId: string) => stored[ownerId] ?? 0
  return createUploadBudgets({ quotaBytes: 100, atOnce: 2, counts, readStored })
}

describe('the budget of uploads', () => {
  it('counts what is stored, announced and received, and refuses what does not fit before it is taken', async () => {
    const budgets = openBudgets({ ada: 10 })
    using first = await budgets.open('ada', 50)
    using second = await budgets.open('ada', 0)
    second.take(40)
    expect(() => second.take(1)).toThrow(
      'There is no room for it: of the 100 bytes that you may keep, 10 are in use, and 50 are taken by other uploads of yours that are under way.',
    )
    // What was announced is taken already.
    first.take(50)
    expect(() => first.take(1)).toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED', quota: 'artifactBytes' }))
  })

  it('refuses an upload that cannot fit as announced, and any where nothing fits, before a byte', async () => {
    const budgets = openBudgets({ ada: 10, bob: 100 })
    await expect(budgets.open('ada', 91)).rejects.toThrow(
      'There is no room for it: of the 100 bytes that you may keep, 10 are in use.',
    )
    await expect(budgets.open('bob', 0)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    using fits = await budgets.open('ada', 90)
    await expect(budgets.open('ada', 0)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    fits.take(90)
  })

  it('does not let more uploads of an owner be under way than are allowed, those included that are being decided', async () => {
    const budgets = openBudgets()
    const opened = await Promise.allSettled(Array.from({ length: 5 }, () => budgets.open('ada', 1)))
    expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'])
    await expect(budgets.open('ada', 1)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 5,
      message: '2 of your uploads are under way, which is as many as are allowed at once: wait until one ends.',
    })
    const [first] = opened
    if (first?.status === 'fulfilled') first.value[Symbol.dispose]()
    using _ = await budgets.open('ada', 1)
  })

  it('counts the uploads under way in all processes together, and their bytes in each', async () => {
    await using cluster = openSharingCluster()
    const [here, there] = [openBudgets({}, cluster.join().counts), openBudgets({}, cluster.join().counts)]
    const opened = await Promise.allSettled([here, there, here, there].map((budgets) => budgets.open('ada', 60)))
    expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    await expect(there.open('ada', 1)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 5 })
    const [first] = opened
    if (first?.status === 'fulfilled') first.value[Symbol.dispose]()
    await eventually(async () => (await there.open('ada', 1).catch(() => null)) !== null)
  })

  it('gives the place of an upload back that is refused for its bytes', async () => {
    await using cluster = openSharingCluster()
    const [here, there] = [openBudgets({ ada: 100 }, cluster.join().counts), openBudgets({}, cluster.join().counts)]
    for (let round = 0; round < 3; round += 1)
      await expect(here.open('ada', 1)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    await eventually(async () => (await there.open('ada', 1).catch(() => null)) !== null)
    using _second = await there.open('ada', 1)
  })

  it('holds what jobs write too, of which any number may be under way', async () => {
    const budgets = openBudgets()
    const files = await Promise.all(Array.from({ length: 10 }, () => budgets.openFile('ada')))
    for (const file of files) file.take(9)
    await expect(budgets.open('ada', 11)).rejects.toThrow('and 90 are taken by other uploads of yours')
    const upload = await budgets.open('ada', 10)
    expect(() => files[0]?.take(1)).toThrow('There is no room')
    for (const file of files) file[Symbol.dispose]()
    upload[Symbol.dispose]()
    using _all = await budgets.open('ada', 100)
  })

  it('is released by an upload that was refused, that ended, and once only', async () => {
    const budgets = openBudgets()
    for (let round = 0; round < 3; round += 1)
      await expect(budgets.open('ada', 101)).rejects.toThrow('There is no room')
    const first = await budgets.open('ada', 60)
    first.take(60)
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    first.giveBack(60)
    using second = await budgets.open('ada', 0)
    second.take(100)
    expect(() => second.take(1)).toThrow('There is no room')
  })

  it('counts a file that became an artifact once', async () => {
    const budgets = openBudgets()
    using upload = await budgets.open('ada', 60)
    using another = await budgets.open('ada', 0)
    upload.take(60)
    upload.giveBack(60)
    budgets.noteStored('ada', 60)
    another.take(40)
    expect(() => another.take(1)).toThrow('of the 100 bytes that you may keep, 60 are in use.')
  })

  it('is not shared by owners', async () => {
    const budgets = openBudgets({ ada: 90 })
    using first = await budgets.open('ada', 10)
    using second = await budgets.open('bob', 100)
    first.take(10)
    second.take(100)
    budgets.noteStored('nobody', 100)
    using third = await budgets.open('nobody', 100)
    third.take(100)
    expect(() => third.take(1)).toThrow('of the 100 bytes that you may keep, 0 are in use.')
  })
})
