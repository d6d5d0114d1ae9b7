import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { runNode, runProgram, type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let server: ServerProcess
let user: SignedInUser
let signedIn: Record<string, string>

beforeAll(async () => {
  folder = await makeTestFolder()
  server = await startServer(join(folder.path, 'data'))
  user = await signUpAt(server.url, 'ada')
  signedIn = { MILLRACE_URL: server.url, MILLRACE_EMAIL: user.email, MILLRACE_PASSWORD: user.password }
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('the examples', () => {
  it('profile a table from a Node script over graphql-ws', async () => {
    const { code, stdout, stderr } = await runNode(
      ['examples/node-script/profile.ts', 'examples/data/penguins.csv'],
      signedIn,
    )
    expect(stderr).toBe('')
    expect(stdout).toContain('SUCCEEDED')
    expect(stdout).toMatch(/Body Mass \(g\) INTEGER \{ mean: 4201\.754385964912, min: '?2700'?, max: '?6300'? \}/)
    expect(code).toBe(0)
  })

  it('sign in, refresh and sign out as a native app', async () => {
    const { code, stdout, stderr } = await runNode(['examples/accounts/native-app.ts'], signedIn)
    expect(stderr).toBe('')
    expect(stdout).toBe('signed in as ada\nstill ada\nsigned out\n')
    expect(code).toBe(0)
  })

  it('run a job with an API key as a server does', async () => {
    const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(input: { name: "example", scopes: [JOBS_READ, JOBS_WRITE] }) { ... on ApiKeyIssued { key } } }',
    )
    const environment = { MILLRACE_URL: server.url, MILLRACE_API_KEY: createApiKey.key }
    const { code, stdout, stderr } = await runNode(['examples/accounts/server.ts', '20'], environment)
    expect(stderr).toBe('')
    expect(stdout).toBe('SUCCEEDED 6765\n')
    expect(code).toBe(0)
  })

  it('do everything with the lines of the curl page, SSE and long polling included', async () => {
    const page = await readFile('examples/curl/README.md', 'utf8')
    const lines = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, code = '']) =>
      code.replaceAll('http://localhost:4000', server.url),
    )
    expect(lines).toHaveLength(6)
    const script = join(folder.path, 'curl.sh')
    await writeFile(script, `set -eu\n${lines.join('\necho\necho ----\n')}\n`)
    const { code, stdout, stderr } = await runProgram('bash', [script], signedIn)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [, , , sse = '', poll = '', result = ''] = stdout.split('----\n')
    expect(sse).toMatch(/^retry: \d+/m)
    expect(sse).toMatch(/^id: c1\..+\nevent: next\ndata: .*"state":"SUCCEEDED"/m)
    expect(sse).toMatch(/^event: complete/m)
    expect(JSON.parse(poll)).toMatchObject({ closed: true, upToDate: true })
    expect(poll).toContain('"state":"QUEUED"')
    expect(poll).toContain('"state":"SUCCEEDED"')
    expect(JSON.parse(result)).toMatchObject({ data: { job: { state: 'SUCCEEDED', result: { rows: 344 } } } })
  })
})
