import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { serveLocally } from '../support/serve-locally.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const resources = new AsyncDisposableStack()
let app: App
let ada: SignedInUser
let browser: TestBrowser
let pages: string

beforeAll(async () => {
  const folder = resources.use(await makeTestFolder())
  const outDir = join(folder.path, 'dist')
  await build({
    root: process.cwd(),
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      rolldownOptions: { input: 'test/e2e/fixtures/client-page.ts', output: { entryFileNames: 'entry.js' } },
    },
  })
  const html =
    '<!doctype html><link rel="icon" href="data:," /><body></body><script type="module" src="/entry.js"></script>'
  const server = await serveLocally(async ({ url = '/' }, response) => {
    const isPage = url === '/'
    response.writeHead(200, { 'content-type': isPage ? 'text/html' : 'text/javascript' })
    response.end(isPage ? html : await readFile(join(outDir, url)))
  })
  resources.use(server)
  pages = server.origin
  app = resources.use(await openTestApp({ corsOrigins: [pages] }))
  ada = await signUpAt(app.url, 'ada')
  browser = resources.use(await openBrowser())
}, 90_000)

afterAll(() => resources.disposeAsync())

async function submit(n: number): Promise<string> {
  const { computeFibonacci } = await ada.request<{ computeFibonacci: { job: { id: string } } }>(
    'mutation ($n: Int!) { computeFibonacci(input: { n: $n }) { ... on ComputeFibonacciAccepted { job { id } } } }',
    { n },
  )
  return computeFibonacci.job.id
}

/** Watches a job to its end in a page of another origin. */
async function watchIn(page: Page, id: string, transport?: string) {
  const authorization = ada.headers['authorization'] ?? ''
  const hash = new URLSearchParams({
    url: `${app.url}/graphql`,
    id,
    authorization,
    ...(transport !== undefined && { transport }),
  })
  await page.goto('about:blank')
  await page.goto(`${pages}/#${hash}`)
  await eventually(async () => (await page.getAttribute('body', 'data-end')) !== null, 30_000)
  const offsets = ((await page.textContent('body')) ?? '').trim().split(' ')
  return {
    offsets: offsets.map((offset) => Number.parseInt(offset, 36)),
    end: await page.getAttribute('body', 'data-end'),
    state: await page.getAttribute('body', 'data-state'),
  }
}

describe('the client, bundled for a browser, on a page of another origin', () => {
  it.each(['ws', 'sse', 'poll'])('watches a job with a typed document over %s', async (transport) => {
    const page = await browser.context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    const { offsets, end, state } = await watchIn(page, await submit(38), transport)
    expect([end, state]).toEqual([`done ${transport}`, 'SUCCEEDED'])
    expect(offsets.length).toBeGreaterThan(2)
    expect(offsets).toEqual(offsets.map((_, index) => index + 1))
    expect(faults).toEqual([])
    await page.close()
  })

  it('falls back where the page may not open WebSockets, and remembers it in the page’s storage', async () => {
    const page = await browser.context.newPage()
    await page.addInitScript(() => {
      // A network that lets no WebSocket through.
      globalThis.WebSocket = class extends WebSocket {
        constructor() {
          super('ws://127.0.0.1:9/')
        }
      }
    })
    const id = await submit(38)
    expect(await watchIn(page, id)).toMatchObject({ end: 'done ws,sse', state: 'SUCCEEDED' })
    const stored = await page.evaluate(() => Object.entries(localStorage))
    expect(stored).toEqual([[`millrace:transport:${app.url}`, expect.stringContaining('"name":"sse"')]])
    expect(await watchIn(page, id)).toMatchObject({ end: 'done sse', state: 'SUCCEEDED' })
    await page.close()
  })

  it('tells a refusal', async () => {
    const page = await browser.context.newPage()
    const { end } = await watchIn(page, 'job_01h455vb4pex5vsknk084sn02q')
    expect(end).toMatch(/^OperationError: There is no such job\. (ws|sse)$/)
    await page.close()
  })
})
