import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { openGithubLike } from '../support/github-like.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { newVisitor } from '../support/visitor.ts'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // as that of a server that listens to a port is
  server.close()
  await once(server, 'close')
  return port
}

it('the example of a program signs in by a provider, over a browser', async () => {
  const redirectTo = `http://127.0.0.1:${await freePort()}`
  const emails = [{ email: 'ada@example.com', primary: true, verified: true }]
  await using github = await openGithubLike({ id: 1, login: 'ada', name: 'Ada', emails })
  const oauth = { providers: [github.settings], redirects: [redirectTo], allowPrivate: true }
  await using app = await openTestApp({ oauth })

  const program = spawn(process.execPath, ['examples/accounts/provider-sign-in.ts', 'github'], {
    cwd: projectRoot,
    env: { ...process.env, MILLRACE_URL: app.url, REDIRECT_TO: redirectTo },
  })
  const errors = text(program.stderr)
  let output = ''
  program.stdout.setEncoding('utf8')
  const asked = new Promise<string>((resolve, reject) => {
    program.stdout.on('data', (piece: string) => {
      output += piece
      const address = /^(http:\/\/\S+)\n/m.exec(output)?.[1]
      if (address !== undefined) resolve(address)
    })
    program.once('close', (code) => reject(new Error(`It ended with ${code}.`)))
  })
  const ended = once(program, 'close')
  const page = await newVisitor().go(await asked)
  expect(page.body).toBe('You can close this page.')
  expect([(await ended)[0], await errors]).toEqual([0, ''])
  expect(output).toContain('signed in as Ada, ada@example.com')
})
