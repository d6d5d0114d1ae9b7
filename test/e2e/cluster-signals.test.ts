import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { beginServer, millraceEntry, runMillrace, startServer } from '../support/server-process.ts'

const cluster = { WEB_CONCURRENCY: '2' }

describe('a cluster that is told to stop while it starts', () => {
  it('does so at once, in order, and without a word of failure', async () => {
    await using folder = await makeTestFolder()
    await using server = beginServer(folder.path, cluster)
    await eventually(() => server.output().includes('A member was started.'))
    expect(await server.stop('SIGTERM')).toBe(0)
    expect(server.output()).not.toMatch(/listens on|error|could not be noted/i)
  })
})

describe('SIGHUP', () => {
  it('that comes before the members are ready replaces them afterwards', async () => {
    await using folder = await makeTestFolder()
    await using server = beginServer(folder.path, cluster)
    await eventually(() => server.output().includes('A member was started.'))
    process.kill(server.pid, 'SIGHUP')
    await eventually(() => server.output().includes('All members were replaced.'), 60_000)
    expect(await server.stop('SIGTERM')).toBe(0)
  }, 90_000)

  it('leaves a server alone that is one process, which says so', async () => {
    await using folder = await makeTestFolder()
    await using server = await startServer(folder.path)
    process.kill(server.pid, 'SIGHUP')
    await eventually(() =>
      server.output().includes('SIGHUP replaces members, and this server is one process: restart it.'),
    )
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await server.stop('SIGTERM')).toBe(0)
  })
})

/** The processes that a process has started, as Linux lists them. */
const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

const isThere = (pid: number) => existsSync(`/proc/${pid}`)

describe('a terminal that is closed', () => {
  it.each(['1', '2'])(
    'stops the server in order, with %s processes',
    async (processes) => {
      await using folder = await makeTestFolder()
      // Gives the server a terminal of its own, which goes with it.
      const command = `exec ${process.execPath} ${millraceEntry} start`
      const terminal = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
        env: {
          PATH: process.env['PATH'],
          DATA_DIR: folder.path,
          PORT: '0',
          COMPUTE_THREADS: '1',
          WEB_CONCURRENCY: processes,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let output = ''
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      await eventually(() => output.includes('setupToken'), 30_000)
      const [server = 0] = childrenOf(terminal.pid ?? 0)
      const all = [server, ...childrenOf(server).filter((pid) => pid > 0)]
      terminal.kill('SIGKILL')
      await eventually(() => !all.some(isThere), 15_000)
      await using store = await sqliteStore({ path: join(folder.path, 'millrace.sqlite') })
      // What a start notes and an orderly stop takes back.
      expect(await store.read(({ settings }) => settings.get('runningBoot'))).toBeNull()
    },
    60_000,
  )
})

describe('a start that fails in a member', () => {
  it('is told by the primary in a sentence, and by nothing else', async () => {
    await using folder = await makeTestFolder()
    const finished = await runMillrace(['start'], {
      ...cluster,
      DATA_DIR: folder.path,
      PORT: '0',
      MILLRACE_TASKS: `${folder.path}/nowhere`,
      LOG_LEVEL: 'warn',
    })
    expect(finished.code).toBe(1)
    expect(finished.stderr).toMatch(/^error: .*nowhere.* \(TASK_FILE_INVALID\)$/m)
    expect(finished.stderr).not.toMatch(/could not be noted|^ {4}at /m)
  })

  it('cannot be had by setting what only a primary sets', async () => {
    const finished = await runMillrace(['start'], { MILLRACE_MEMBER: '1' })
    expect(finished).toMatchObject({
      code: 1,
      stderr:
        'error: MILLRACE_MEMBER is set by the primary of a cluster for its members. Unset it. (MEMBER_ORDER_INVALID)\n',
    })
  })
})
