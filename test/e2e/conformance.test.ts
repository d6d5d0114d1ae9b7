import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { suite } from '../../conformance/suite.ts'
import { projectRoot } from '../../scripts/run-command.ts'
import type { App } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { runProgram } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let app: App
let ada: SignedInUser

beforeAll(async () => {
  // A text of 70,000 characters has more bytes than a message may have otherwise.
  app = await openTestApp({ channels: readConfig({ CHANNEL_MESSAGE_KB: '192' }).channels })
  ada = await signUpAt(app.url, 'ada', app.setupToken)
})

afterAll(() => app[Symbol.asyncDispose]())

interface Report {
  readonly conforms: boolean
  readonly checks: readonly { readonly id: string; readonly state: string; readonly note: string }[]
}

/** Runs the command as people do. */
async function conformance(args: readonly string[], own: Record<string, string> = {}) {
  return runProgram(process.execPath, ['scripts/conformance.ts', ...args], own)
}

const url = () => `${app.url}/graphql`
const header = () => `authorization: ${ada.headers['authorization']}`

describe('npm run conformance', () => {
  it('finds that Millrace keeps every rule of its protocol', { timeout: 180_000 }, async () => {
    const { code, stdout, stderr } = await conformance([
      '--url',
      url(),
      '--header',
      header(),
      '--large',
      '70000',
      '--json',
    ])
    expect(stderr).toBe('')
    const { checks, conforms }: Report = JSON.parse(stdout)
    const wrong = checks.filter(({ state }) => state !== 'ok' && state !== 'skipped')
    expect(wrong.map(({ id, note }) => `${id}: ${note}`)).toEqual([])
    expect([conforms, code]).toEqual([true, 0])
    expect(checks).toHaveLength(suite.length)
    // What takes long, and what needs an operation that forgets events, which there is none of.
    const skipped = checks.filter(({ state }) => state === 'skipped').map(({ id }) => id)
    expect(skipped).toEqual(
      suite.filter(({ id, slow }) => slow === true || id.startsWith('gap.expired')).map(({ id }) => id),
    )
    expect(suite.length - skipped.length).toBe(146)
  })

  it('signs in by itself, and writes a line for each check and a summary', { timeout: 60_000 }, async () => {
    const args = ['--url', url(), '--email', ada.email, '--only', 'ws', '--check', 'ws.init']
    const { code, stdout } = await conformance(args, { MILLRACE_PASSWORD: ada.password })
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toMatch(/^ok +MUST +ws\.init\.twice +a second connection_init .* \(W6 WebSocket\)$/)
    expect(lines).toHaveLength(3)
    expect(lines.at(-1)).toBe('2 checks: 2 ok, 0 failed, 0 warnings, 0 skipped')
    expect(code).toBe(0)
  })

  it('counts what could not be seen as failed', { timeout: 60_000 }, async () => {
    // Nobody publishes without a credential.
    const { code, stdout } = await conformance(['--url', url(), '--only', 'poll', '--check', 'poll.wait'])
    expect(stdout).toContain('could not be made: an operation of the profile was refused')
    expect(stdout).toContain('1 checks: 0 ok, 1 failed')
    expect(code).toBe(1)
  })

  it('says what is wrong with how it was called, and when nobody answers', { timeout: 60_000 }, async () => {
    const cases = [
      { args: [], says: '--url takes an address' },
      {
        args: ['--url', 'localhost'],
        says: '--url takes an address such as http://localhost:4000/graphql, not "localhost".',
      },
      { args: ['--url', url(), '--only', 'udp'], says: '--only takes ws, sse, poll, not "udp".' },
      { args: ['--url', url(), '--header', 'nonsense'], says: '--header takes a line' },
      { args: ['--url', url(), '--check', 'nothing'], says: 'No check has such an id.' },
      { args: ['--url', url(), '--profile', 'package.json'], says: 'The profile has "name"' },
      { args: ['--url', url(), '--trigger', '{ a }', '--trigger-variables', '7'], says: 'must be a JSON object' },
      { args: ['--url', url(), '--subscription', 'subscription { a }'], says: 'must have {{topic}}' },
      { args: ['--url', url(), '--email', ada.email], says: '--email needs the password in MILLRACE_PASSWORD.' },
      { args: ['--url', 'http://127.0.0.1:1/graphql'], says: 'the connection failed' },
    ]
    const answers = await Promise.all(cases.map(({ args }) => conformance(args)))
    for (const [index, { says }] of cases.entries()) {
      expect(answers[index]?.stderr).toContain(says)
      expect(answers[index]?.code).toBe(2)
    }
    const wrongPassword = await conformance(['--url', url(), '--email', ada.email], { MILLRACE_PASSWORD: 'wrong' })
    expect([wrongPassword.code, wrongPassword.stderr]).toEqual([2, expect.stringContaining('The sign-in was refused')])
    const help = await conformance(['--help'])
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('npm run conformance')])
  })

  it('ends at once when it is interrupted', { timeout: 60_000 }, async () => {
    const args = ['--url', url(), '--header', header(), '--slow', '--check', 'ws.ping', '--check', 'ws.heartbeat']
    const child = spawn(process.execPath, ['scripts/conformance.ts', ...args], { cwd: projectRoot })
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await endOf(child)).toEqual([130, null])
  })
})

async function endOf(child: ChildProcess): Promise<readonly unknown[]> {
  return once(child, 'close')
}
