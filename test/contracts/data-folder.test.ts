import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDataFolder } from '../../src/adapters/local/data-folder.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

async function modesIn(path: string): Promise<Record<string, string>> {
  const names = await readdir(path)
  const entries = names.map(async (name) => [name, ((await stat(join(path, name))).mode & 0o777).toString(8)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

describe('the data folder', () => {
  it('is for its owner only', async () => {
    await using folder = await makeTestFolder()
    const { path } = await openDataFolder(join(folder.path, 'a', 'b'))
    expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  it('keeps its files from others also where the folder was there, open to all', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'data')
    await mkdir(path)
    await chmod(path, 0o755)
    await writeFile(join(path, 'lock'), '', { mode: 0o644 })
    const data = await openDataFolder(path)
    await data.rootSecret()
    await using store = await sqliteStore({ path: data.database })
    await store.write(({ settings }) => settings.set('a', 'b'))
    const modes = await modesIn(path)
    expect(Object.keys(modes)).toEqual(
      expect.arrayContaining(['lock', 'millrace.sqlite', 'millrace.sqlite-wal', 'secret']),
    )
    const { files, ...rest } = modes
    expect([files, new Set(Object.values(rest))]).toEqual(['700', new Set(['600'])])
  })

  it('has one secret, whoever asks first', async () => {
    await using folder = await makeTestFolder()
    const data = await openDataFolder(folder.path)
    const [first, second] = await Promise.all([data.rootSecret(), data.rootSecret()])
    expect(first).toHaveLength(43)
    expect(second).toBe(first)
    await writeFile(join(folder.path, 'secret'), 'short\n')
    await expect(data.rootSecret()).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      // A new one opens nothing that is stored: to have one made is no way out.
      message: expect.stringMatching(/Restore it from a backup: nothing that was sealed with it opens without it\.$/),
    })
  })
})
