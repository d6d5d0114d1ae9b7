import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { codeAt } from '../support/authenticator-app.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let server: ServerProcess
let browser: TestBrowser

beforeAll(async () => {
  folder = await makeTestFolder()
  server = await startServer(join(folder.path, 'data'))
  browser = await openBrowser()
}, 60_000)

afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A page that notes everything that goes wrong in it, refused scripts and requests to other hosts included. */
async function openPage(path: string): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Asking who is signed in before anybody is.
    if (message.type() === 'error' && !message.text().includes('status of 401')) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url()))
      faults.push(`foreign: ${request.url()}`)
  })
  await page.goto(server.url + path)
  return { page, faults }
}

/** The token of a link in a mail in the outbox; `undefined` while there is none. */
async function mailedToken(page: string): Promise<string | undefined> {
  const outbox = join(folder.path, 'data', 'outbox')
  const names = await readdir(outbox).catch(() => [])
  for (const name of names.filter((one) => one.endsWith('.eml'))) {
    const { text = '' } = await simpleParser(await readFile(join(outbox, name)))
    const token = new RegExp(`/#/${page}\\?token=([^\\s]+)`).exec(text)?.[1]
    if (token !== undefined) return token
  }
  return undefined
}

describe('the page at /', () => {
  // The pages of a browser share its cookies: each begins signed out.
  beforeEach(() => browser.context.clearCookies())

  it('signs the first administrator up, takes a real CSV file and shows it being profiled over each transport', async () => {
    const { page, faults } = await openPage('/')
    await page.fill('[name=email]', 'ada@example.com')
    await page.fill('[name=password]', 'a sentence nobody guesses')
    await page.fill('[name=displayName]', 'Ada')
    await page.fill('[name=setupToken]', server.setupToken ?? '')
    await page.click('[value=signUp]')
    await page.waitForSelector('#who:not([hidden])')
    expect(await page.textContent('#name')).toBe('Signed in as Ada.')

    for (const transport of ['ws', 'sse', 'poll', '']) {
      await page.setInputFiles('[name=file]', 'examples/data/penguins.csv')
      await page.selectOption('[name=transport]', transport)
      await page.click('[name=start]')
      await shows(page, '#state', `succeeded over ${transport === '' ? 'ws' : transport}`)
      await shows(page, '#columns', '4201.75')
      expect(await page.locator('#columns tr').count()).toBe(8)
      expect(await page.getAttribute('#bar', 'value')).toBe('1')
    }
    expect(await page.textContent('#error')).toBe('')
    expect(faults).toEqual([])
    await page.close()
  }, 60_000)

  it('asks who has a second factor for it, and takes a recovery code', async () => {
    const grace = await signUpAt(server.url, 'grace')
    const { enrollTotp } = await grace.request<{ enrollTotp: { secret: string } }>(
      'mutation { enrollTotp { ... on TotpEnrolment { secret } } }',
    )
    const { confirmTotp } = await grace.request<{ confirmTotp: { recoveryCodes: string[] } }>(
      'mutation ($code: String!) { confirmTotp(code: $code) { ... on TotpConfirmed { recoveryCodes } } }',
      { code: codeAt(enrollTotp.secret, Date.now()) },
    )
    const { page, faults } = await openPage('/')
    await page.fill('[name=email]', grace.email)
    await page.fill('[name=password]', grace.password)
    await page.click('[value=signIn]')
    await page.waitForSelector('#mfa:not([hidden])')
    await page.fill('[name=code]', '000000')
    await page.click('[value=code]')
    await page.waitForSelector('#error:not(:empty)')
    expect(await page.isVisible('#job')).toBe(false)
    await page.fill('[name=code]', confirmTotp.recoveryCodes[0] ?? '')
    await page.click('[value=code]')
    await page.waitForSelector('#who:not([hidden])')
    expect(await page.textContent('#name')).toBe('Signed in as grace.')
    await page.click('#sign-out')
    await page.waitForSelector('#account:not([hidden])')
    expect(faults).toEqual([])
    await page.close()
  }, 60_000)

  it('sets a new password by the link in the mail', async () => {
    const alan = await signUpAt(server.url, 'alan')
    const { page, faults } = await openPage('/')
    await page.click('text=I forgot my password')
    await page.fill('#mailed [name=email]', alan.email)
    await page.click('#mailed button')
    await page.waitForSelector('#done:not(:empty)')
    let token: string | undefined
    await eventually(async () => (token = await mailedToken('reset-password')) !== undefined)
    await page.goto(`${server.url}/#/reset-password?token=${token}`)
    await page.fill('[name=newPassword]', 'another sentence nobody guesses')
    await page.click('#mailed button')
    await page.waitForSelector('#done:has-text("Your password is set")')
    expect(page.url()).toBe(`${server.url}/`)
    await page.fill('#account [name=email]', alan.email)
    await page.fill('[name=password]', 'another sentence nobody guesses')
    await page.click('[value=signIn]')
    await page.waitForSelector('#who:not([hidden])')
    expect(faults).toEqual([])
    await page.close()
  }, 60_000)

  it('shows the sentence of a refusal', async () => {
    const { page } = await openPage('/')
    await page.fill('[name=email]', 'ada@example.com')
    await page.fill('[name=password]', 'not the sentence at all')
    await page.click('[value=signIn]')
    expect(await shows(page, '#error', 'not')).toMatch(/^The email address and the password do not belong together/)
    await page.close()
  }, 30_000)
})

describe('GraphiQL at /graphql', () => {
  it('works offline, signs in with a cookie, and watches a subscription over WebSocket', async () => {
    const signIn =
      'mutation { signIn(input: { email: "ada@example.com", password: "a sentence nobody guesses" }) { __typename } }'
    await execute(signIn, ({ page }) => shows(page, '.result-window', 'SignInSuccess'))

    const submit = 'mutation { computeFibonacci(input: { n: 30 }) { ... on ComputeFibonacciAccepted { job { id } } } }'
    const result = await execute(submit, ({ page }) => shows(page, '.result-window', 'job_'))
    const id = /job_[0-9a-z]{26}/.exec(result)?.[0] ?? ''

    const watch = `subscription { job(id: "${id}") { __typename job { state } } }`
    await execute(watch, async ({ page, sockets }) => {
      await shows(page, '.result-window', 'SUCCEEDED')
      expect(sockets).toEqual([`${server.url.replace('http', 'ws')}/graphql`])
    })
  }, 60_000)
})

interface Executed {
  readonly page: Page
  readonly sockets: readonly string[]
}

/**
 * Opens GraphiQL with an operation and runs it. In its address, not typed: the editor makes out which operation to run only
 * a while after the last key.
 */
async function execute<T>(operation: string, look: (executed: Executed) => Promise<T>): Promise<T> {
  const { page, faults } = await openPage(`/graphql?query=${encodeURIComponent(operation)}`)
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await page.waitForSelector('.graphiql-execute-button', { timeout: 30_000 })
  await shows(page, '.graphiql-query-editor', operation.slice(0, 8))
  await page.click('.graphiql-execute-button')
  const seen = await look({ page, sockets })
  expect(faults).toEqual([])
  await page.close()
  return seen
}

/**
 * The text of an element once it contains what is wanted. Asked from outside: a wait inside the page needs `eval`, which the
 * page's policy forbids.
 */
async function shows(page: Page, selector: string, wanted: string): Promise<string> {
  let text = ''
  await eventually(async () => {
    text = (await page.textContent(selector)) ?? ''
    return text.includes(wanted)
  }, 15_000).catch(() => undefined)
  expect(text).toContain(wanted)
  return text
}
