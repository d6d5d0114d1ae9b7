import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { createTurns } from '../../../src/core/turns.ts'
import { createBlobKeeper } from '../../../src/services/jobs/blob-keeper.ts'
import { sweepBlobs } from '../../../src/services/jobs/sweep-blobs.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'

const receive = (mill: TestMill, content: string) => mill.blobs.receive(Readable.from([content]), 1000)
const kept = (mill: TestMill) => Array.fromAsync(mill.blobs.list())
const fails = () => Promise.reject(new Error('The disk is full.'))

/** Leaves a blob as a process does that dies before it has written the row. */
async function leaveBehind(mill: TestMill, content: string): Promise<string> {
  await using blob = await receive(mill, content)
  await blob.keep()
  return blob.hash
}

describe('keeping a blob', () => {
  it('leaves nothing when its row cannot be written', async () => {
    await using mill = await openTestMill()
    await using blob = await receive(mill, 'a')
    await expect(mill.keeper.keep(blob, fails)).rejects.toThrow('The disk is full.')
    expect(await kept(mill)).toEqual([])
  })

  it.each(['first', 'last'])(
    'leaves the blob to the artifact of another, when the refused one comes %s',
    async (when) => {
      await using mill = await openTestMill({ quotaBytes: 10 })
      const [rich, poor] = [somebody(), somebody()]
      await uploadFile(mill.artifacts, poor, '12345678')
      // Received without a budget, so that only the check with the row refuses.
      const upload = async (principal: Principal) =>
        mill.artifacts.upload(principal, { blob: await receive(mill, 'abc'), fileName: 'a.csv', mediaType: 'text/csv' })
      const order = when === 'first' ? [poor, rich] : [rich, poor]
      const results = await Promise.allSettled(order.map(upload))
      expect(results[when === 'first' ? 0 : 1]).toMatchObject({
        status: 'rejected',
        reason: { code: 'QUOTA_EXCEEDED' },
      })
      const accepted = results.find((result) => result.status === 'fulfilled')
      expect(await text(await mill.blobs.read(accepted?.value.hash ?? ''))).toBe('abc')
      expect(await kept(mill)).toHaveLength(2)
      await expect(upload(poor)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
      expect(await kept(mill)).toHaveLength(2)
    },
  )

  it('fails for a file that went away with its first use, instead of writing a row without a blob', async () => {
    await using mill = await openTestMill()
    await using blob = await receive(mill, 'a')
    let entered = false
    const first = mill.keeper.keep(blob, fails)
    const second = mill.keeper.keep(blob, async () => (entered = true))
    const results = await Promise.allSettled([first, second])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(entered).toBe(false)
  })
})

describe('the sweep of blobs', () => {
  it('removes those that no artifact has, and only those', async () => {
    await using mill = await openTestMill()
    const owned = await uploadFile(mill.artifacts, somebody(), 'owned')
    for (let index = 0; index < 250; index += 1) await leaveBehind(mill, `left behind ${index}`)
    await using sweeping = sweepBlobs(mill)
    expect(await sweeping.removed).toBe(250)
    expect(await kept(mill)).toEqual([owned.hash])
    await using again = sweepBlobs(mill)
    expect(await again.removed).toBe(0)
    expect(mill.logger.lines.filter(({ level }) => level === 'warn')).toEqual([])
  })

  it('leaves alone what is being kept meanwhile', async () => {
    await using mill = await openTestMill()
    await using blob = await receive(mill, 'slow')
    const [kept, entering] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const keeping = mill.keeper.keep(blob, async () => {
      kept.resolve(undefined)
      await entering.promise
      const { hash, size } = blob
      const artifact = {
        id: newId('artifact'),
        ownerId: 'usr_1',
        hash,
        size,
        fileName: 'a',
        mediaType: 'a/b',
        createdAt: 0,
      }
      await mill.store.write(({ artifacts }) => artifacts.insert(artifact))
    })
    await kept.promise
    await using sweeping = sweepBlobs(mill)
    // The sweep has found it, and waits for its turn.
    const removing = mill.keeper.removeUnowned(blob.hash)
    entering.resolve(undefined)
    await keeping
    expect(await removing).toBe(false)
    expect(await sweeping.removed).toBe(0)
    expect(await text(await mill.blobs.read(blob.hash))).toBe('slow')
  })

  it('ends when it is told to, and tells what went wrong without bringing anything down', async () => {
    await using mill = await openTestMill()
    await leaveBehind(mill, 'left behind')
    const stopped = sweepBlobs(mill)
    await stopped[Symbol.asyncDispose]()
    expect(await stopped.removed).toBe(0)
    const blobs = { ...mill.blobs, remove: () => Promise.reject(new Error('no permission')) }
    await using failing = sweepBlobs({
      ...mill,
      blobs,
      keeper: createBlobKeeper({ ...mill, blobs, inTurn: createTurns() }),
    })
    expect(await failing.removed).toBe(0)
    expect(mill.logger.lines.map(({ message }) => message)).toContain(
      'Files of no artifact could not be swept; it is tried at the next start.',
    )
  })
})
