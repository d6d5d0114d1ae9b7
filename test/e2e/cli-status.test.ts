import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { millraceEntry, runMillrace, startServer } from '../support/server-process.ts'
import { signUpAt } from '../support/signed-in.ts'

const opened = new AsyncDisposableStack()
let administrator: Record<string, string>
let user: Record<string, string>

beforeAll(async () => {
  const folder = opened.use(await makeTestFolder())
  const server = opened.use(await startServer(join(folder.path, 'data'), { WEB_CONCURRENCY: '2' }))
  const signIn = async (name: string, setupToken: string | null) => {
    const { email, password } = await signUpAt(server.url, name, setupToken)
    return { MILLRACE_URL: server.url, MILLRACE_EMAIL: email, MILLRACE_PASSWORD: password }
  }
  administrator = await signIn('root', server.setupToken)
  user = await signIn('ada', null)
})
afterAll(() => opened.disposeAsync())

describe('millrace status', () => {
  it('shows a table of the processes to administrators', async () => {
    const { code, stdout, stderr } = await runMillrace(['status'], administrator)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^process +pid +memory +held +growth +late +busy +threads +streams +shedding\n/)
    for (const number of [1, 2]) {
      expect(stdout).toMatch(new RegExp(`^${number} +\\d+ +[\\d.]+ MB .*[\\d.]+ ms +\\d+ % +0/1 +\\d+ +off$`, 'm'))
    }
  })

  it('writes all that they say for machines', async () => {
    const { stdout } = await runMillrace(['status', '--json'], administrator)
    const { processes } = JSON.parse(stdout)
    const members = processes.filter(({ number }: { number: number }) => number > 0)
    expect(members).toMatchObject([1, 2].map((number) => ({ number, loop: { resources: expect.any(Array) } })))
  })

  it('shows them anew until Ctrl-C', async () => {
    const child = spawn(process.execPath, [millraceEntry, 'status', '--watch', '--json'], {
      env: { PATH: process.env['PATH'], ...administrator },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let written = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text))
    await eventually(() => written.split('\n').length > 3, 12_000)
    child.kill('SIGINT')
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    const times = written
      .trim()
      .split('\n')
      .map((line) => Date.parse(JSON.parse(line).at))
    expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other))
  })

  it('is refused to everybody else', async () => {
    for (const args of [['status'], ['status', '--watch']]) {
      const { code, stdout, stderr } = await runMillrace(args, user)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain('(INSUFFICIENT_SCOPE)')
    }
  })
})
