import { randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { holdUpload } from '../../support/http/hold-upload.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { signUpAt } from '../../support/signed-in.ts'

const megabyte = 2 ** 20
const size = 3 * megabyte - 100

/** A server whose users may keep one file of that size and a bit. */
async function openBench() {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const settings = { dataDir: folder.path, artifactMaxBytes: 3 * megabyte, artifactQuotaBytes: 4 * megabyte }
  const app = opened.use(await openTestApp(settings))
  const resources = opened.move()
  return {
    app,
    port: Number(new URL(app.url).port),
    /** The names of all files, whole and on their way. */
    files: () => filesIn(folder.path),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function filesIn(dataDir: string): Promise<readonly string[]> {
  const entries = await readdir(join(dataDir, 'files'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

describe('uploads of one user that come at once', () => {
  it.each([
    ['announced', false, 1],
    // Those that grow together may all hit the limit.
    ['not announced', true, 0],
  ])('leave no more on the disk than the quota, their length %s', async (_, isChunked, least) => {
    await using bench = await openBench()
    const user = await signUpAt(bench.app.url, 'ada')
    const uploads = Array.from({ length: 12 }, () => holdUpload(bench.port, user, { size, isChunked }))
    for (const upload of uploads) upload.finish()
    const outcomes = await Promise.all(uploads.map(({ outcome }) => outcome))
    const accepted = outcomes.filter((outcome) => outcome === 'ok').length
    expect(accepted).toBeLessThanOrEqual(1)
    expect(accepted).toBeGreaterThanOrEqual(least)
    expect(outcomes.filter((outcome) => !['ok', 'RATE_LIMITED', 'QUOTA_EXCEEDED'].includes(outcome))).toEqual([])
    expect(await bench.files()).toHaveLength(accepted)
  })

  it('are refused before they are read when they cannot fit, and do not count against another user', async () => {
    await using bench = await openBench()
    const [ada, bob] = [await signUpAt(bench.app.url, 'ada'), await signUpAt(bench.app.url, 'bob')]
    const first = holdUpload(bench.port, ada, { size })
    await eventually(async () => (await bench.files()).length === 1)
    expect(await holdUpload(bench.port, ada, { size }).outcome).toBe('QUOTA_EXCEEDED')
    const others = holdUpload(bench.port, bob, { size })
    for (const upload of [first, others]) upload.finish()
    expect(await Promise.all([first.outcome, others.outcome])).toEqual(['ok', 'ok'])
    expect(await holdUpload(bench.port, ada, { size }).outcome).toBe('QUOTA_EXCEEDED')
    expect(await bench.files()).toHaveLength(2)
  })

  it('make room again when they are cut off in the middle', async () => {
    await using bench = await openBench()
    const user = await signUpAt(bench.app.url, 'ada')
    for (let round = 0; round < 6; round += 1) {
      const upload = holdUpload(bench.port, user, { size })
      await eventually(async () => (await bench.files()).length === 1)
      upload.request.destroy()
      expect(await upload.outcome).toBe('cut')
      await eventually(async () => (await bench.files()).length === 0)
    }
    await user.upload('a.csv', new Blob([randomBytes(size)]))
    expect(await bench.files()).toHaveLength(1)
  })
})

describe('a server that starts', () => {
  it('removes the blobs that no artifact has, and keeps the others', async () => {
    await using folder = await makeTestFolder()
    const settings = { dataDir: folder.path }
    {
      await using app = await openTestApp(settings)
      const user = await signUpAt(app.url, 'ada')
      await user.upload('a.csv', 'a,b\n1,2\n')
    }
    const owned = await filesIn(folder.path)
    const shelf = join(folder.path, 'files', 'blobs', 'ab')
    await mkdir(shelf, { recursive: true })
    await writeFile(join(shelf, 'ab'.repeat(32)), 'left behind')
    await using app = await openTestApp(settings)
    await eventually(async () => (await filesIn(folder.path)).length === owned.length)
    expect(await filesIn(folder.path)).toEqual(owned)
    expect(app.url).toMatch(/^http/)
  })
})
