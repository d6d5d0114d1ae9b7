import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTestFolder } from '../support/open-test-store.ts'
import { runMillrace, startServer } from '../support/server-process.ts'
import { signUpAt } from '../support/signed-in.ts'

const rows = 1_000_000

/** Row i has the number i, its remainder by 7, a quoted text with a line break in it, and an empty cell in every tenth row. */
async function writeTable(path: string): Promise<void> {
  const file = createWriteStream(path)
  file.write('\uFEFFid,seventh,note,"often, but not always"\r\n')
  for (let from = 0; from < rows; from += 10_000) {
    let text = ''
    for (let i = from; i < from + 10_000; i += 1) {
      text += `${i},${i % 7},"line one\nline ""${i % 3}""",${i % 10 === 0 ? '' : 'x'}\r\n`
    }
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

interface Column {
  readonly name: string
  readonly type: string
  readonly nulls: number
  readonly distinct: number
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
}

/** The resident memory of a process, in MiB. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
}

describe('a table of a million rows', () => {
  it('is profiled rightly while the API goes on answering others, and its upload takes no memory', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'million.csv')
    await writeTable(path)
    await using server = await startServer(join(folder.path, 'data'))
    const ada = await signUpAt(server.url, 'ada')
    const bob = await signUpAt(server.url, 'bob')
    const signedIn = { MILLRACE_URL: server.url, MILLRACE_EMAIL: ada.email, MILLRACE_PASSWORD: ada.password }
    const before = await residentMb(server.pid)

    const started = await runMillrace(['run', 'profileTable', '--file', path, '--detach'], signedIn)
    expect(started.stderr).toContain('upload 100%')
    expect((await residentMb(server.pid)) - before).toBeLessThan(150)
    const id = started.stdout.trim()

    // Somebody else's requests are answered while the thread computes: many of them between two states of the job.
    let answered = 0
    let state = 'QUEUED'
    while (state === 'QUEUED' || state === 'RUNNING') {
      expect(await bob.request('{ me { displayName } }')).toEqual({ me: { displayName: 'bob' } })
      answered += 1
      ;({
        job: { state },
      } = await ada.request<{ job: { state: string } }>('query ($id: ID!) { job(id: $id) { state } }', { id }))
    }
    expect(state).toBe('SUCCEEDED')
    expect(answered).toBeGreaterThan(100)

    const { job } = await ada.request<{ job: { result: { rows: number; columns: Column[] } } }>(
      `query ($id: ID!) { job(id: $id) { ... on ProfileTableJob { result { rows columns { name type nulls distinct min max mean } } } } }`,
      { id },
    )
    const { result } = job
    expect(result.rows).toBe(rows)
    const [number, seventh, note, often] = result.columns
    expect(number).toMatchObject({ name: 'id', type: 'INTEGER', nulls: 0, min: 0, max: rows - 1, mean: (rows - 1) / 2 })
    // Estimated over 65,536 different values: HyperLogLog is right within 1 or 2 percent.
    expect(Math.abs((number?.distinct ?? 0) - rows) / rows).toBeLessThan(0.03)
    expect(seventh).toMatchObject({ name: 'seventh', type: 'INTEGER', distinct: 7, min: 0, max: 6 })
    expect(note).toMatchObject({ name: 'note', type: 'TEXT', nulls: 0, distinct: 3 })
    expect(often).toMatchObject({ name: 'often, but not always', nulls: rows / 10, distinct: 1 })
  }, 180_000)
})
