import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const resources = new AsyncDisposableStack()
let app: App
let browser: TestBrowser
let pages: string
/** How far the server's clock is ahead, in ms. */
let ahead = 0

beforeAll(async () => {
  const folder = resources.use(await makeTestFolder())
  pages = await servePages()
  const config = readConfig({ DATA_DIR: folder.path, PORT: '0', COMPUTE_THREADS: '1', CORS_ORIGINS: pages })
  const clock = { now: () => Date.now() + ahead }
  app = resources.use(await createApp(config, { logger: collectingLogger(), clock, passwordCost: 4 }))
  await app.listen()
  browser = resources.use(await openBrowser())
}, 60_000)

afterAll(() => resources.disposeAsync())

/** The example as any static file server would serve it; gives the origin. */
async function servePages(): Promise<string> {
  const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' }
  const server = createServer((request, response) => {
    const [, name = '', type = ''] = /^\/(passkeys)\.(html|js)(\?|$)/.exec(request.url ?? '') ?? []
    readFile(`examples/accounts/${name}.${type}`).then(
      (body) => response.writeHead(200, { 'content-type': types[type] }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  resources.defer(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('The server has no port.')
  return `http://localhost:${address.port}`
}

/** An authenticator of the browser, which nobody touches until it is told so. */
interface VirtualAuthenticator {
  /** Whether somebody is there and touches it. */
  touch(isTouched: boolean): Promise<void>
  credentials(): Promise<readonly { readonly isResidentCredential: boolean; readonly rpId?: string }[]>
}

async function addAuthenticator(cdp: CDPSession, transport: 'internal' | 'usb'): Promise<VirtualAuthenticator> {
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  })
  return {
    touch: async (enabled) => {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  }
}

/** The example's page, and everything that goes wrong in it. */
async function openExample() {
  const page = await browser.context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Asking who is signed in before anybody is, and what is guarded.
    if (message.type() === 'error' && !/status of 40[13]/.test(message.text())) faults.push(message.text())
  })
  const cdp = await browser.context.newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  await page.goto(`${pages}/passkeys.html?server=${app.url}`)
  return { page, faults, cdp }
}

const email = 'ada@example.com'
const password = 'a sentence nobody guesses'

async function submit(page: Page, button: 'signIn' | 'signUp'): Promise<void> {
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', password)
  await page.click(`[value=${button}]`)
}

async function shows(page: Page, selector: string, wanted: string): Promise<void> {
  let text: string | null = null
  await eventually(async () => {
    text = await page.textContent(selector)
    return text === wanted
  }, 15_000).catch(() => undefined)
  expect([selector, text, await page.textContent('#message')]).toEqual([selector, wanted, expect.anything()])
}

async function signOut(page: Page): Promise<void> {
  await page.click('#sign-out')
  await shows(page, '#who', '')
  await page.waitForSelector('#account:not([hidden])')
}

describe('passkeys', () => {
  it('does all of it in a real browser, as the example shows', async () => {
    const { page, faults, cdp } = await openExample()
    const laptop = await addAuthenticator(cdp, 'internal')
    const key = await addAuthenticator(cdp, 'usb')

    // The first one: signed up with a password, which then is not enough any more.
    await submit(page, 'signUp')
    await shows(page, '#who', 'Signed in as ada.')
    await laptop.touch(true)
    await page.fill('#name', 'laptop')
    await page.click('#add')
    await shows(page, '#passkeys', 'laptop Remove')
    expect((await page.textContent('#recovery-codes'))?.split('\n')).toHaveLength(10)
    expect(await laptop.credentials()).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }])

    // Alone, and nobody is asked who they are.
    await signOut(page)
    await page.reload()
    await page.click('#by-passkey')
    await shows(page, '#who', 'Signed in as ada.')
    expect(await page.inputValue('[name=email]')).toBe('')

    // A second one; the laptop has one already.
    await laptop.touch(false)
    await key.touch(true)
    await page.fill('#name', 'key')
    await page.click('#add')
    await shows(page, '#passkeys', 'laptop Removekey Remove')
    expect(await page.textContent('#recovery-codes')).toBe('')

    // The second factor after the password.
    await signOut(page)
    await submit(page, 'signIn')
    await shows(page, '#who', 'Signed in as ada.')

    // Shown once more for what is guarded, when it was shown too long ago.
    ahead += 5 * 60_000
    await page.click('#passkeys li:last-child button')
    await shows(page, '#passkeys', 'laptop Remove')
    expect(await page.textContent('#message')).toBe('You showed your passkey once more.')

    // The browser still has what the server does not accept any more.
    await signOut(page)
    expect(await key.credentials()).toHaveLength(1)
    await page.click('#by-passkey')
    await shows(page, '#message', 'That passkey cannot sign in here, or it came too late: start again.')
    await key.touch(false)
    await laptop.touch(true)
    await page.click('#by-passkey')
    await shows(page, '#who', 'Signed in as ada.')

    expect(faults).toEqual([])
    await page.close()
  }, 60_000)
})
