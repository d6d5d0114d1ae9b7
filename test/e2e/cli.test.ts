import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { millraceEntry, runMillrace, type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { eventually } from '../support/eventually.ts'

let folder: TestFolder
let server: ServerProcess
let user: SignedInUser
let signedIn: Record<string, string>

beforeAll(async () => {
  folder = await makeTestFolder()
  server = await startServer(join(folder.path, 'data'), { MILLRACE_TASKS: 'examples/own-task' })
  user = await signUpAt(server.url, 'ada')
  signedIn = { MILLRACE_URL: server.url, MILLRACE_EMAIL: user.email, MILLRACE_PASSWORD: user.password }
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function inputFile(input: unknown): Promise<string> {
  const path = join(folder.path, `input-${Math.random()}.json`)
  await writeFile(path, JSON.stringify(input))
  return path
}

describe('millrace --help', () => {
  it.each([[[]], [['start']], [['run']], [['tasks']], [['status']], [['user']], [['user', 'create']], [['schema']]])(
    'explains %j and ends well',
    async (command) => {
      const { code, stdout } = await runMillrace([...command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^Usage: millrace/)
    },
  )

  it('follows a command that does not exist, with status 2', async () => {
    const { code, stderr } = await runMillrace(['walk'])
    expect(code).toBe(2)
    expect(stderr).toContain("unknown command 'walk'")
  })
})

describe('millrace run', () => {
  it.each(['ws', 'sse', 'poll'])(
    'uploads a file, watches over %s and prints the result as a table',
    async (transport) => {
      const args = ['run', 'profileTable', '--file', 'examples/data/penguins.csv', '--transport', transport]
      const { code, stdout, stderr } = await runMillrace(args, signedIn)
      expect(stderr).toContain('upload 100% examples/data/penguins.csv')
      expect(stderr).toMatch(/profileTable 100% succeeded/)
      expect(stdout).toMatch(/rows: +344/)
      expect(stdout).toMatch(/Body Mass \(g\) .*4201\.75/)
      expect(code).toBe(0)
    },
  )

  it('prints the ended job as one line of JSON', async () => {
    const args = ['run', 'computeFibonacci', '--json', '--input', await inputFile({ n: 20 })]
    const { code, stdout, stderr } = await runMillrace(args, signedIn)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'SUCCEEDED', output: { value: 6765 }, error: null })
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('runs a task of a folder of its own, with its log lines above the bar', async () => {
    const { code, stdout, stderr } = await runMillrace(
      ['run', 'countPrimes', '--input', await inputFile({ upTo: 100_000 })],
      signedIn,
    )
    expect(stdout).toMatch(/count: +9,592\nlargest: +99,991/)
    expect(stderr).toContain('INFO Found 9592 primes up to 100000.')
    expect(code).toBe(0)
  })

  it('prints the id and goes with --detach', async () => {
    const { code, stdout } = await runMillrace(
      ['run', 'computeFibonacci', '--detach', '--input', await inputFile({ n: 10 })],
      signedIn,
    )
    expect(stdout).toMatch(/^job_[0-9a-z]{26}\n$/)
    expect(code).toBe(0)
  })

  it('cancels the job on Ctrl-C', async () => {
    const args = [millraceEntry, 'run', 'computeFibonacci', '--input', await inputFile({ n: 45 })]
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], ...signedIn },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    await eventually(() => stderr.includes('running'), 10_000)
    child.kill('SIGINT')
    await once(child, 'close')
    expect(stderr).toMatch(/Interrupted; the job job_\w+ was asked to stop\. \(INTERRUPTED\)/)
    expect(child.exitCode).toBe(130)
    const id = /job_\w+/.exec(stderr)?.[0]
    await eventually(async () => {
      const { job } = await user.request<{ job: { state: string } }>('query ($id: ID!) { job(id: $id) { state } }', {
        id,
      })
      return job.state === 'CANCELLED'
    })
  })

  it('tells why a job failed, with status 1', async () => {
    const path = join(folder.path, 'ragged.csv')
    await writeFile(path, 'a,b\n1,2\n3\n')
    const { code, stderr } = await runMillrace(['run', 'profileTable', '--file', path], signedIn)
    expect(stderr).toMatch(/The job job_\w+ ended FAILED: .*line 3.* \(TASK_ERROR\)/i)
    expect(code).toBe(1)
  })

  it('names what is wrong with the input', async () => {
    const { code, stderr } = await runMillrace(
      ['run', 'computeFibonacci', '--input', await inputFile({ n: 'many' })],
      signedIn,
    )
    expect(stderr).toMatch(/\n {2}n: .+\(INVALID_INPUT\)/)
    expect(code).toBe(1)
  })

  it('names the tasks there are when it is given another', async () => {
    const { code, stderr } = await runMillrace(['run', 'sing'], signedIn)
    expect(stderr).toMatch(
      /^error: There is no task "sing" on this server\. It has: .*computeFibonacci, countPrimes, .*\. \(UNKNOWN_TASK\)\n$/,
    )
    expect(code).toBe(1)
  })

  it('refuses a file that is not there, and one that the task does not take, with status 2', async () => {
    const missing = await runMillrace(['run', 'profileTable', '--file', 'nothing.csv'], signedIn)
    expect(missing.stderr).toContain('The file nothing.csv cannot be read')
    expect(missing.code).toBe(2)
    const untaken = await runMillrace(['run', 'computeFibonacci', '--file', 'README.md'], signedIn)
    expect(untaken.stderr).toContain('The task computeFibonacci takes no file.')
    expect(untaken.code).toBe(2)
  })

  it('says that nobody is signed in, that the password is wrong, and that no server answers', async () => {
    const nobody = await runMillrace(['run', 'computeFibonacci'], { MILLRACE_URL: server.url })
    expect(nobody.stderr).toContain('There is no terminal to ask at.')
    const wrong = await runMillrace(['run', 'computeFibonacci'], { ...signedIn, MILLRACE_PASSWORD: 'wrong' })
    expect(wrong.stderr).toContain('(INVALID_CREDENTIALS)')
    const unreachable = await runMillrace(['tasks'], { ...signedIn, MILLRACE_URL: 'http://localhost:9' })
    expect(unreachable.stderr).toContain('No server answers at http://localhost:9/graphql')
  })
})

describe('millrace tasks', () => {
  it('lists the tasks for people and for machines', async () => {
    const people = await runMillrace(['tasks'], signedIn)
    expect(people.stdout).toContain('countPrimes (version 1)\n  Counts the prime numbers up to a limit')
    const machines = await runMillrace(['tasks', '--json'], signedIn)
    expect(JSON.parse(machines.stdout)).toContainEqual(
      expect.objectContaining({ name: 'profileTable', inputSchema: expect.objectContaining({ type: 'object' }) }),
    )
  })
})

describe('millrace user create', () => {
  it('makes an administrator while the server runs, who can sign in', async () => {
    const own = { DATA_DIR: join(folder.path, 'data'), MILLRACE_PASSWORD: 'a sentence of an administrator' }
    const made = await runMillrace(['user', 'create', '--email', 'root@example.com', '--admin', '--json'], own)
    expect(JSON.parse(made.stdout)).toMatchObject({
      email: 'root@example.com',
      displayName: 'root',
      roles: ['user', 'admin'],
    })
    const listed = await runMillrace(['tasks'], {
      MILLRACE_URL: server.url,
      MILLRACE_EMAIL: 'root@example.com',
      ...own,
    })
    expect(listed.code).toBe(0)
    const again = await runMillrace(['user', 'create', '--email', 'root@example.com'], own)
    expect(again.stderr).toContain('(EMAIL_TAKEN)')
    expect(again.code).toBe(1)
  })

  it('refuses a weak password and says why', async () => {
    const own = { DATA_DIR: join(folder.path, 'data'), MILLRACE_PASSWORD: 'short' }
    const { code, stderr } = await runMillrace(['user', 'create', '--email', 'weak@example.com'], own)
    expect(stderr).toContain('15')
    expect(stderr).toContain('(INVALID_INPUT)')
    expect(code).toBe(1)
  })
})

describe('millrace schema', () => {
  it('prints the schema with the tasks of a folder', async () => {
    const { code, stdout } = await runMillrace(['schema', '--tasks', 'examples/own-task'])
    expect(stdout).toContain('countPrimes(')
    expect(code).toBe(0)
  })
})
