import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { subscribe } from '../../client/subscribe.ts'
import { lockExclusively } from '../../src/adapters/sql/node-sqlite.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { beginServer, millraceEntry, runMillrace, type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { hashTask } from './fixtures/hash-task.ts'
import { tickTask } from './fixtures/tick-task.ts'

/** The processes that a process has started, as Linux lists them. */
const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number).filter(Boolean)

const phaseNames = (output: string) => [...output.matchAll(/"phase":"([^"]+)"/g)].map(([, name]) => name)

/** The ops port that a server has printed. */
const opsUrl = ({ output }: Pick<ServerProcess, 'output'>) =>
  `http://${/readyz and \/metrics: (\S+)/.exec(output())?.[1]}`

/** Resolves when nothing of a server that ended is left: no process, no port, no lock, no file that is being written. */
async function expectNothingLeft(dataDir: string, urls: readonly string[], pids: readonly number[]): Promise<void> {
  expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  for (const url of urls) {
    await expect(fetch(`${url}/livez`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  }
  const unlock = lockExclusively(join(dataDir, 'lock'))
  expect(unlock).not.toBeNull()
  unlock?.()
  const scratch = join(dataDir, 'scratch')
  expect(existsSync(scratch) ? await readdir(scratch, { recursive: true }) : []).toEqual([])
}

/** A server with a task that ticks until a file is there, and a user who may run it. */
async function startTicking(folder: string, own: Record<string, string> = {}) {
  const tasks = join(folder, 'tasks')
  const dataDir = join(folder, 'data')
  await mkdir(tasks)
  await writeFile(join(tasks, 'tick.ts'), tickTask)
  const server = await startServer(dataDir, { MILLRACE_TASKS: tasks, ...own })
  const user = await signUpAt(server.url, 'ada', server.setupToken)
  return { server, user, dataDir, untilFile: join(folder, 'enough') }
}

async function submitTick(user: SignedInUser, untilFile: string): Promise<string> {
  const submitted = await user.request<{ tick: { job: { id: string } } }>(
    'mutation ($input: TickInput!) { tick(input: $input) { ... on TickAccepted { job { id } } } }',
    { input: { untilFile } },
  )
  return submitted.tick.job.id
}

const stateOf = async (user: SignedInUser, id: string) =>
  (await user.request<{ job: { state: string } }>('query ($id: ID!) { job(id: $id) { state } }', { id })).job.state

describe('a server that is asked to stop', () => {
  it.each([
    ['1', ['stop accepting', 'drain', 'close']],
    ['2', ['stop accepting', 'drain', 'close', 'members', 'close']],
  ])(
    'leaves nothing behind, under load, with %s processes',
    async (processes, phases) => {
      await using folder = await makeTestFolder()
      const { server, user, dataDir, untilFile } = await startTicking(folder.path, {
        WEB_CONCURRENCY: processes,
        OPS_PORT: '0',
        DRAIN_SECONDS: '1',
      })
      await using _server = server
      const id = await submitTick(user, untilFile)
      await eventually(async () => (await stateOf(user, id)) === 'RUNNING')
      const operation = { query: 'subscription ($id: ID!) { job(id: $id) { __typename } }', variables: { id } }
      const streams = (['ws', 'sse', 'poll'] as const).map((transport) =>
        subscribe({ url: `${server.url}/graphql`, operation, transport, headers: user.headers, after: 'earliest' }),
      )
      await using open = new AsyncDisposableStack()
      for (const stream of streams) open.use(stream)
      await Promise.all(streams.map((each) => each[Symbol.asyncIterator]().next()))
      let isOver = false
      const load = Array.from({ length: 8 }, async () => {
        while (!isOver) await stateOf(user, id).catch(() => undefined)
      })
      const urls = [server.url, opsUrl(server)]
      const pids = [server.pid, ...childrenOf(server.pid)]
      expect(pids).toHaveLength(processes === '1' ? 1 : 3)
      expect(await server.stop('SIGTERM')).toBe(0)
      isOver = true
      await Promise.all(load)
      await expectNothingLeft(dataDir, urls, pids)
      expect(new Set(phaseNames(server.output()))).toEqual(new Set(phases))
      expect(server.output()).not.toContain('is not over in time')
    },
    60_000,
  )

  it('says first that it goes, on both ports, and serves on, also on the one for probes while it drains', async () => {
    await using folder = await makeTestFolder()
    const { server, user, dataDir, untilFile } = await startTicking(folder.path, {
      OPS_PORT: '0',
      UNREADY_SECONDS: '2',
      DRAIN_SECONDS: '60',
    })
    await using _server = server
    const ops = opsUrl(server)
    const statusOf = async (url: string) => {
      const answer = await fetch(`${url}/readyz`)
      return { code: answer.status, ...((await answer.json()) as { readonly status: string }) }
    }
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404)
    expect((await fetch(`${ops}/metrics`)).status).toBe(200)
    for (const url of [server.url, ops]) expect(await statusOf(url)).toMatchObject({ code: 200, status: 'ok' })
    const id = await submitTick(user, untilFile)
    await eventually(async () => (await stateOf(user, id)) === 'RUNNING')
    const stopped = server.stop('SIGTERM')
    await eventually(async () => (await statusOf(ops)).status === 'draining')
    expect(await statusOf(server.url)).toMatchObject({ code: 503, status: 'draining' })
    expect(await stateOf(user, id)).toBe('RUNNING')
    await eventually(() => phaseNames(server.output()).includes('stop accepting'))
    await expect(fetch(`${server.url}/livez`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(await statusOf(ops)).toMatchObject({ code: 503, status: 'draining', checks: { store: { status: 'ok' } } })
    expect((await fetch(`${ops}/metrics`)).status).toBe(200)
    await writeFile(untilFile, '')
    expect(await stopped).toBe(0)
    expect(phaseNames(server.output())).toEqual(['unready', 'stop accepting', 'drain', 'close'])
    await expectNothingLeft(dataDir, [server.url, ops], [server.pid])
  }, 60_000)

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'does so at once at the second %s, which ends it as it would who does not listen, with all that it had to say',
    async (signal) => {
      await using folder = await makeTestFolder()
      const { server, user, dataDir, untilFile } = await startTicking(folder.path, { DRAIN_SECONDS: '600' })
      await using _server = server
      const id = await submitTick(user, untilFile)
      await eventually(async () => (await stateOf(user, id)) === 'RUNNING')
      process.kill(server.pid, 'SIGTERM')
      await eventually(() => server.output().includes('Stopping: running jobs may finish.'))
      expect(await server.stop(signal)).toBeNull()
      expect(server.signal()).toBe(signal)
      expect(phaseNames(server.output())).toEqual(['stop accepting'])
      await expectNothingLeft(dataDir, [server.url], [server.pid])
    },
    30_000,
  )

  it('waits the second time for no task that is in native code', async () => {
    await using folder = await makeTestFolder()
    const tasks = join(folder.path, 'tasks')
    const dataDir = join(folder.path, 'data')
    await mkdir(tasks)
    await writeFile(join(tasks, 'hash.ts'), hashTask)
    await using server = await startServer(dataDir, { MILLRACE_TASKS: tasks, DRAIN_SECONDS: '600' })
    const user = await signUpAt(server.url, 'ada', server.setupToken)
    const begunFile = join(folder.path, 'begun')
    await user.request('mutation ($input: HashInput!) { hash(input: $input) { __typename } }', { input: { begunFile } })
    await eventually(() => existsSync(begunFile), 30_000)
    process.kill(server.pid, 'SIGTERM')
    await eventually(() => server.output().includes('Stopping: running jobs may finish.'))
    expect(await server.stop('SIGTERM')).toBeNull()
    expect(server.signal()).toBe('SIGTERM')
    await expectNothingLeft(dataDir, [server.url], [server.pid])
  }, 30_000)

  it('ends when nobody reads what it writes, with its store closed', async () => {
    await using folder = await makeTestFolder()
    const dataDir = join(folder.path, 'data')
    const fifo = join(folder.path, 'log')
    execFileSync('mkfifo', [fifo])
    // Full from the start.
    const command = `exec 3<>"$0"; head --bytes=65536 /dev/zero >&3; exec "$@" 2>&3 3>&-`
    const child = spawn('sh', ['-c', command, fifo, process.execPath, millraceEntry, 'start'], {
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', COMPUTE_THREADS: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    using _child = { [Symbol.dispose]: () => void child.kill('SIGKILL') }
    const ended = once(child, 'close')
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    await eventually(() => output.includes('setupToken'), 20_000)
    const url = /listens on (http:[^\s,]+)/.exec(output)?.[1] ?? ''
    for (let at = 0; at < 100; at += 1) await fetch(`${url}/graphql?query={__typename}`)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await expectNothingLeft(dataDir, [url], [child.pid ?? 0])
  }, 40_000)

  it('serves nobody when that comes while it starts', async () => {
    await using folder = await makeTestFolder()
    await using server = beginServer(folder.path)
    // From when it has the folder on.
    await eventually(() => existsSync(join(folder.path, 'lock')))
    expect(await server.stop('SIGTERM')).toBe(0)
    expect(server.output()).not.toMatch(/listens on|error|could not be noted/i)
    await expectNothingLeft(folder.path, [], [server.pid])
  }, 30_000)

  it.each(['1', '2'])(
    'stops in order on Ctrl-C in a terminal, with %s processes',
    async (processes) => {
      await using folder = await makeTestFolder()
      const command = `exec ${process.execPath} ${millraceEntry} start`
      const own = { DATA_DIR: folder.path, PORT: '0', COMPUTE_THREADS: '1', WEB_CONCURRENCY: processes }
      const terminal = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
        env: { PATH: process.env['PATH'], ...own },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      const ended = once(terminal, 'close')
      // The server goes with its terminal.
      using _terminal = { [Symbol.dispose]: () => void terminal.kill('SIGKILL') }
      let output = ''
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      await eventually(() => output.includes('setupToken'), 30_000)
      const [server = 0] = childrenOf(terminal.pid ?? 0)
      const pids = [server, ...childrenOf(server)]
      terminal.stdin.write('\u0003')
      expect(await ended).toEqual([0, null])
      await expectNothingLeft(folder.path, [], pids)
    },
    60_000,
  )
})

describe('a cluster whose members are replaced', () => {
  it('never says on the port for probes that it goes, however long one of them drains', async () => {
    await using folder = await makeTestFolder()
    const { server, user, untilFile } = await startTicking(folder.path, {
      WEB_CONCURRENCY: '2',
      OPS_PORT: '0',
      UNREADY_SECONDS: '1',
      DRAIN_SECONDS: '2',
    })
    await using _server = server
    const id = await submitTick(user, untilFile)
    await eventually(async () => (await stateOf(user, id)) === 'RUNNING')
    const answers: (string | number)[] = []
    const probe = async () => {
      answers.push(await fetch(`${opsUrl(server)}/readyz`).then(({ status }) => status, String))
      return server.output().includes('All members were replaced.')
    }
    process.kill(server.pid, 'SIGHUP')
    await eventually(probe, 60_000)
    expect(new Set(answers)).toEqual(new Set([200]))
    expect(server.output()).toMatch(/"phase":"drain","ms":[2-9]\d{3}/)
    expect(await server.stop('SIGTERM')).toBe(0)
  }, 90_000)

  it('says at the start that the port for probes is taken, and by which setting it is', async () => {
    await using folder = await makeTestFolder()
    await using other = await startServer(join(folder.path, 'other'), { OPS_PORT: '0' })
    const taken = opsUrl(other).split(':').at(-1) ?? ''
    for (const processes of ['1', '2']) {
      const own = { DATA_DIR: join(folder.path, processes), PORT: '0', OPS_PORT: taken, WEB_CONCURRENCY: processes }
      const { code, stderr } = await runMillrace(['start'], own)
      expect(code).toBe(1)
      expect(stderr).toContain(
        `Port ${taken} on 127.0.0.1 is in use by another program. Set OPS_PORT to another one, or to 0 for any free one. (PORT_IN_USE)`,
      )
    }
  }, 60_000)
})

describe('a server that cannot stop as it should', () => {
  it('comes to its end all the same where somebody else holds the database', async () => {
    await using folder = await makeTestFolder()
    await using server = await startServer(folder.path)
    using database = new DatabaseSync(join(folder.path, 'millrace.sqlite'))
    database.exec('begin immediate')
    expect(await server.stop('SIGTERM')).toBe(0)
    expect(phaseNames(server.output())).toEqual(['stop accepting', 'drain', 'close'])
    expect(server.output()).not.toContain('is not over in time')
    expect(server.output()).toContain('could not be noted')
    await expectNothingLeft(folder.path, [server.url], [server.pid])
  }, 40_000)

  it('says what keeps it alive, and exits with code 70', async () => {
    await using folder = await makeTestFolder()
    const fixture = fileURLToPath(new URL('fixtures/keep-alive.mjs', import.meta.url))
    await using server = await startServer(folder.path, { NODE_OPTIONS: `--import=${fixture}` })
    expect(await server.stop('SIGTERM')).toBe(70)
    expect(server.output()).toContain('something keeps the process alive')
    expect(server.output()).toMatch(/"resources":\{[^}]*"Timeout":1/)
    await expectNothingLeft(folder.path, [server.url], [server.pid])
  }, 30_000)
})
