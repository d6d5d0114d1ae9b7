import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { subscribe } from '../../client/subscribe.ts'
import { renewing } from '../../examples/clients/renewing.ts'
import type { App } from '../../src/app.ts'
import { openBrowser } from '../support/browser.ts'
import { type CuttableProxy, openCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { serveLocally } from '../support/serve-locally.ts'
import { runNode } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

/** A task that tells something fifty times a second until it is stopped. */
const tick = `import { setTimeout as sleep } from 'node:timers/promises'
import { defineTask, z } from 'millrace/task'

export default defineTask({
  name: 'tick',
  description: 'Ticks.',
  input: z.object({}),
  partial: z.object({ n: z.int32() }),
  output: z.object({}),
  async run(_input, context) {
    for (let n = 1; ; n += 1) {
      await context.emit({ n })
      await sleep(20, undefined, { signal: context.signal })
    }
  },
})
`

const cuts = 5
const resources = new AsyncDisposableStack()
let app: App
let ada: SignedInUser
let proxy: CuttableProxy
let pages: string

beforeAll(async () => {
  const folder = resources.use(await makeTestFolder())
  const tasks = join(folder.path, 'tasks')
  await mkdir(tasks)
  await writeFile(join(tasks, 'tick.ts'), tick)
  pages = await servePages()
  app = resources.use(await openTestApp({ taskFolders: [tasks], corsOrigins: [pages] }))
  ada = await signUpAt(app.url, 'ada')
  proxy = resources.use(await openCuttableProxy(Number(new URL(app.url).port)))
}, 60_000)

afterAll(() => resources.disposeAsync())

/** The page among the examples as any static file server would serve it; gives the origin. */
async function servePages(): Promise<string> {
  const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' }
  const server = await serveLocally((request, response) => {
    const [, name = '', type = ''] = /^\/(event-source)\.(html|js)(\?|$)/.exec(request.url ?? '') ?? []
    readFile(`examples/clients/${name}.${type}`).then(
      (body) => response.writeHead(200, { 'content-type': types[type] }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  resources.use(server)
  return server.origin.replace('127.0.0.1', 'localhost')
}

async function submit(): Promise<string> {
  const { tick } = await ada.request<{ tick: { job: { id: string } } }>(
    'mutation { tick(input: {}) { ... on TickAccepted { job { id } } } }',
  )
  return tick.job.id
}

const cancel = (id: string) => ada.request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id })

/** The offset of the last event of a job that is over. */
async function lastOffset(id: string): Promise<number> {
  const operation = { query: 'subscription ($id: ID!) { job(id: $id) { __typename } }', variables: { id } }
  const frames = subscribe({ url: `${app.url}/graphql`, operation, headers: ada.headers, after: 'earliest' })
  const all = await Array.fromAsync(frames)
  return all.length
}

const offsetOf = (cursor: string) => Number.parseInt(cursor.split('.')[2] ?? '', 36)

/** Cuts the connection so often, each time after the watcher has been told a few more things than before. */
async function cutAgainAndAgain(seen: () => number): Promise<void> {
  for (let cut = 0; cut < cuts; cut += 1) {
    const before = seen()
    await eventually(() => proxy.connections > 0 && seen() >= before + 3, 20_000)
    proxy.cut()
  }
  const before = seen()
  await eventually(() => seen() >= before + 3, 20_000)
}

function expectEachOnce(cursors: readonly string[], last: number): void {
  const offsets = cursors.map(offsetOf)
  const [first = 0] = offsets
  expect(offsets).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index))
}

describe('the recipes in docs/clients.md', () => {
  it('are parts of the examples that are run here', async () => {
    const text = await readFile('docs/clients.md', 'utf8')
    const recipes = [
      ...text.matchAll(/\((\.\.\/examples\/clients\/[\w.-]+)\)[^`]*(?:`[^`\n]*`[^`]*)*```\w+\n(.*?)```/gs),
    ]
    expect(recipes).toHaveLength(7)
    for (const [, path = '', code = ''] of recipes) expect(await readFile(join('docs', path), 'utf8')).toContain(code)
  })
})

const clients = ['graphql-ws', 'graphql-sse', 'urql', 'apollo']
const unknownJob = 'job_01h455vb4pex5vsknk084sn02q'
const refusedToken = /^UNAUTHENTICATED: .+\n$/
const closedForToken = /^The connection was closed with 4403: .+\nThe token is not valid, and there is no other\.\n$/
const goodToken = () => ada.headers['authorization']?.replace('Bearer ', '') ?? ''

describe.each(clients)('the example %s', (name) => {
  const run = (args: readonly string[], env: Record<string, string>) =>
    runNode([`examples/clients/${name}.ts`, ...args], { MILLRACE_URL: app.url, ...env })

  it('says at once what is missing', async () => {
    const noToken = 'Set MILLRACE_TOKEN to a token that `signIn` or `refreshTokens` gave you.\n'
    const noJob = 'Name the job to watch: job_…\n'
    expect(await run([unknownJob], {})).toEqual({ code: 2, stdout: '', stderr: noToken })
    expect(await run([], { MILLRACE_TOKEN: 'any' })).toEqual({ code: 2, stdout: '', stderr: noJob })
    expect(await run([], {})).toEqual({ code: 2, stdout: '', stderr: noToken + noJob })
  })

  it('tells a refusal with its code, and fails', async () => {
    const ended = await run([unknownJob], { MILLRACE_TOKEN: goodToken() })
    expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^NOT_FOUND: .+\n$/) })
  })

  it('gives up with a token that is not good when there is no other', async () => {
    const { code, stdout, stderr } = await run([unknownJob], { MILLRACE_TOKEN: 'not.a.token' })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(name === 'graphql-sse' ? refusedToken : closedForToken)
  })

  it('says that there is no server, and goes on trying', async () => {
    await using server = await serveLocally(() => undefined)
    const nobody = server.origin
    await server[Symbol.asyncDispose]()
    const child = spawn(process.execPath, [`examples/clients/${name}.ts`, unknownJob], {
      env: { PATH: process.env['PATH'], MILLRACE_URL: nobody, MILLRACE_TOKEN: 'any' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    try {
      await eventually(() => errors.split('\n').length > 2, 20_000)
      expect(errors).toMatch(/^(There is no connection.*\n)+$/)
      expect(child.exitCode).toBeNull()
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('a client of graphql-ws whose first token is not good', () => {
  it('goes on with the next one', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    const tokens = ['not.a.token', goodToken()]
    const { headers, mayTryAgain } = renewing(async () => tokens.shift() ?? '')
    const client = createClient({
      url: `${app.url.replace(/^http/, 'ws')}/graphql`,
      connectionParams: headers,
      shouldRetry: mayTryAgain,
      retryWait: () => Promise.resolve(),
    })
    try {
      const [answer] = await Array.fromAsync(client.iterate({ query: '{ me { displayName } }' }))
      expect(answer).toEqual({ data: { me: { displayName: 'ada' } } })
      expect(told.mock.calls).toEqual([[expect.stringMatching(/^The connection was closed with 4403: ./)]])
    } finally {
      told.mockRestore()
      await client.dispose()
    }
  })
})

describe('a stock client whose connection is cut again and again', () => {
  it.each(clients)(
    'sees each event once and in order: %s',
    async (name) => {
      const id = await submit()
      const child = spawn(process.execPath, [`examples/clients/${name}.ts`, id], {
        env: {
          PATH: process.env['PATH'],
          MILLRACE_URL: `http://127.0.0.1:${proxy.port}`,
          MILLRACE_TOKEN: goodToken(),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      let errors = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
      const closed = new Promise((resolve) => child.once('close', resolve))
      const lines = () => output.split('\n').slice(0, -1)
      try {
        await cutAgainAndAgain(() => lines().length)
        await cancel(id)
        expect(await closed).toBe(0)
        expect(errors).toMatch(/^((The connection was closed with 1006: .*|There is no connection.*)\n)+$/)
      } finally {
        child.kill('SIGKILL')
      }
      expectEachOnce(
        lines().map((line) => line.split(' ')[0] ?? ''),
        await lastOffset(id),
      )
      expect(lines().at(-1)).toMatch(/ CANCELLED$/)
    },
    60_000,
  )

  it('sees each event once and in order: EventSource in a browser', async () => {
    const id = await submit()
    await using browser = await openBrowser()
    await browser.context.request.post(`${app.url}/graphql`, {
      data: {
        query: `mutation { signIn(input: { email: "${ada.email}", password: "${ada.password}" }) { __typename } }`,
      },
    })
    const page = await browser.context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`${pages}/event-source.html?server=http://localhost:${proxy.port}&job=${id}`)
    let cursors: string[] = []
    const look = async () => {
      cursors = await page.$$eval('#events li', (lines) => lines.map(({ dataset }) => dataset['cursor'] ?? ''))
      return cursors.length
    }
    let seen = 0
    const looking = setInterval(() => void look().then((count) => (seen = count)), 50)
    try {
      await cutAgainAndAgain(() => seen)
      await cancel(id)
      await eventually(async () => (await page.textContent('#status')) === 'CANCELLED, complete', 20_000)
    } finally {
      clearInterval(looking)
    }
    await look()
    expectEachOnce(cursors, await lastOffset(id))
    expect(faults).toEqual([])
  }, 90_000)
})
