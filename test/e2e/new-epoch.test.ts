import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { runMillrace, startServer } from '../support/server-process.ts'

it('gives every log a new epoch, on the data folder of a server that does not run', { timeout: 60_000 }, async () => {
  await using folder = await makeTestFolder()
  const data = join(folder.path, 'data')
  const own = { DATA_DIR: data }
  const epochs = async () => {
    await using store = await sqliteStore({ path: join(data, 'millrace.sqlite') })
    return await store.read(async ({ log }) =>
      [...(await log.heads(['revocations', 'never'])).values()].map(({ epoch }) => epoch),
    )
  }

  const missing = await runMillrace(['new-epoch'], own)
  expect([missing.code, missing.stderr]).toEqual([
    1,
    expect.stringContaining('There is no database in the data folder'),
  ])
  expect(existsSync(data)).toBe(false)

  await using server = await startServer(data)
  const before = await epochs()
  const refused = await runMillrace(['new-epoch', '--data-dir', data])
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `error: Another Millrace uses the data folder ${data}. Stop it, or set DATA_DIR to another folder. (DATA_FOLDER_LOCKED)\n`,
  ])
  expect(await epochs()).toEqual(before)

  await server.stop('SIGTERM')
  const done = await runMillrace(['new-epoch'], own)
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('has a new epoch')])
  const after = await epochs()
  expect(new Set([...before, ...after]).size).toBe(before.length + after.length)
})
