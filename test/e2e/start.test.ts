import { createServer } from 'node:http'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runMillrace, startServer } from '../support/server-process.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

describe('millrace start, when it cannot', () => {
  it('names every setting that is wrong, all at once', async () => {
    const { code, stderr } = await runMillrace(['start'], { PORT: 'http', SIGN_UP: 'maybe', PUBLIC_URL: 'example.com' })
    expect(code).toBe(1)
    expect(stderr).toContain('PORT: accepts a port, 0 for any free one, not "http".')
    expect(stderr).toContain('SIGN_UP: accepts `open`, `invite` or `closed`, not "maybe".')
    expect(stderr).toContain('PUBLIC_URL: accepts an origin such as https://api.example.com, not "example.com".')
    expect(stderr).toContain('(SETTINGS_INVALID)')
    expect(stderr).not.toContain('    at ')
  })

  it('asks for a secret in production', async () => {
    const { code, stderr } = await runMillrace(['start'], { NODE_ENV: 'production' })
    expect(code).toBe(1)
    expect(stderr).toContain('MILLRACE_SECRET: must be given with NODE_ENV=production; accepts at least 32 characters.')
  })

  it('says that the port is busy, and leaves the data folder free', async () => {
    await using folder = await makeTestFolder()
    const other = createServer().listen(0, '127.0.0.1')
    const address = await new Promise<{ port: number }>((resolve) => {
      other.once('listening', () => resolve(other.address() as { port: number }))
    })
    try {
      const { code, stderr } = await runMillrace(['start', '--port', String(address.port), '--data-dir', folder.path])
      expect(code).toBe(1)
      expect(stderr).toContain(String(address.port))
      expect(stderr).toContain('(PORT_IN_USE)')
      await using server = await startServer(folder.path)
      expect(server.url).toMatch(/^http/)
    } finally {
      other.close()
    }
  }, 30_000)

  it('says that another server has the data folder, which goes on undisturbed', async () => {
    await using folder = await makeTestFolder()
    await using server = await startServer(folder.path)
    const { code, stderr } = await runMillrace(['start', '--port', '0', '--data-dir', folder.path])
    expect(code).toBe(1)
    expect(stderr).toContain(
      `Another Millrace uses the data folder ${folder.path}. Stop it, or set DATA_DIR to another folder. (DATA_FOLDER_LOCKED)`,
    )
    const health = await fetch(`${server.url}/livez`)
    expect(health.status).toBe(200)
  }, 30_000)

  it('says that the data folder cannot be made', async () => {
    await using folder = await makeTestFolder()
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    const { code, stderr } = await runMillrace(['start', '--data-dir', join(file, 'data')])
    expect(code).toBe(1)
    expect(stderr).toContain('(DATA_FOLDER_UNUSABLE)')
    expect(stderr).toContain('Set DATA_DIR to a folder that this user may write.')
  })

  it('says that what lies in the data folder is no database', async () => {
    await using folder = await makeTestFolder()
    await writeFile(
      join(folder.path, 'millrace.sqlite'),
      'this is a text, and quite a long one, which no database is'.repeat(20),
    )
    const { code, stderr } = await runMillrace(['start', '--port', '0', '--data-dir', folder.path])
    expect(code).toBe(1)
    expect(stderr).toContain('(STORE_UNUSABLE)')
    expect(stderr).toContain('millrace.sqlite')
  })

  it('names the file and the remedy for a task that is broken', async () => {
    await using folder = await makeTestFolder()
    const tasks = join(folder.path, 'tasks')
    await mkdir(tasks)
    await writeFile(join(tasks, 'broken.ts'), 'export default 42\n')
    const { code, stderr } = await runMillrace([
      'start',
      '--port',
      '0',
      '--data-dir',
      join(folder.path, 'data'),
      '--tasks',
      tasks,
    ])
    expect(code).toBe(1)
    expect(stderr).toContain(join(tasks, 'broken.ts'))
    expect(stderr).toContain('(TASK_FILE_INVALID)')
  })
})
