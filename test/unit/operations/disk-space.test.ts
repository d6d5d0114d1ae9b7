import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diskSpace } from '../../../src/adapters/local/disk-space.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'

it('tells what is free for this user on the disk of a folder, and looks once for all who ask meanwhile', async () => {
  await using folder = await makeTestFolder()
  const disk = diskSpace(folder.path)
  const { blocks, bsize } = await statfs(folder.path)
  const asked = [disk.freeBytes(), disk.freeBytes()]
  expect(asked[0]).toBe(asked[1])
  const [free] = await Promise.all(asked)
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(blocks * bsize)
  expect(disk.freeBytes()).not.toBe(asked[0])
})

it('rejects for a folder that is not there, each time', async () => {
  await using folder = await makeTestFolder()
  const disk = diskSpace(join(folder.path, 'nowhere'))
  for (let times = 0; times < 2; times += 1) await expect(disk.freeBytes()).rejects.toThrow('ENOENT')
})
