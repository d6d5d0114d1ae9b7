import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { runMillrace, startServer } from '../support/server-process.ts'
import { signUpAt } from '../support/signed-in.ts'

let folder: TestFolder

beforeAll(async () => {
  folder = await makeTestFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** The kids that the server publishes. */
async function published(url: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/.well-known/jwks.json`)
  const { keys } = (await response.json()) as { keys: { kid: string }[] } // an answer of our own server
  return keys.map(({ kid }) => kid)
}

interface ListedKey {
  readonly kid: string
  readonly state: string
}

async function keysCommand(command: 'list' | 'rotate', dataDir: string): Promise<readonly ListedKey[]> {
  const { code, stdout, stderr } = await runMillrace(['signing-keys', command, '--data-dir', dataDir, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as ListedKey[]
}

describe('millrace signing-keys', () => {
  it('rotates the keys of a server that runs, and signs nobody out', async () => {
    const dataDir = join(folder.path, 'keys')
    await using server = await startServer(dataDir)
    const user = await signUpAt(server.url, 'ada')
    const before = await keysCommand('list', dataDir)
    expect(before.map(({ state }) => state).toSorted()).toEqual(['ACTIVE', 'NEXT'])
    expect(await published(server.url)).toEqual(before.map(({ kid }) => kid))

    const after = await keysCommand('rotate', dataDir)
    expect(after.map(({ state }) => state).toSorted()).toEqual(['ACTIVE', 'NEXT', 'RETIRED'])
    await eventually(async () => (await published(server.url)).length === 3, 2000)
    expect(await user.request('{ me { email } }')).toEqual({ me: { email: user.email } })
    const eve = await signUpAt(server.url, 'eve')
    const [header = ''] = (eve.headers['authorization'] ?? '').replace('Bearer ', '').split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as ListedKey // a token of our own server
    expect(after.find((key) => key.kid === kid)?.state).toBe('ACTIVE')

    const { stdout } = await runMillrace(['signing-keys', 'list', '--data-dir', dataDir])
    expect(stdout).toMatch(/EdDSA {2}RETIRED {2}made .* verifies until its last token has expired/)
    expect(stdout).not.toContain('"d"')
  }, 60_000)
})

const [first, second, strange] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)]

async function signIn(url: string, password: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      query: `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`,
      variables: { input: { email: 'ada@example.com', password, delivery: 'TOKENS' } },
    }),
  })
  return response.json()
}

describe('a root secret', () => {
  it('is changed without a password being lost, and the old one can be dropped', async () => {
    const dataDir = join(folder.path, 'secrets')
    const signedIn = { data: { signIn: { __typename: 'SignInSuccess' } } }
    let password: string
    {
      await using server = await startServer(dataDir, { MILLRACE_SECRET: first })
      ;({ password } = await signUpAt(server.url, 'ada'))
    }
    const both = { MILLRACE_SECRET: second, MILLRACE_SECRET_PREVIOUS: first }
    {
      await using server = await startServer(dataDir, both)
      expect(await signIn(server.url, password)).toEqual(signedIn)
      const rotated = await runMillrace(['secrets', 'rotate', '--data-dir', dataDir], both)
      expect(rotated.code).toBe(0)
      expect(rotated.stdout).toContain('Sealed 4 things anew with the present root secret.')
      expect(rotated.stdout).toContain('MILLRACE_SECRET_PREVIOUS can be dropped')
      expect(rotated.stderr).toContain('signing keys: 2 of 2')
      expect(await signIn(server.url, password)).toEqual(signedIn)
      const again = await runMillrace(['secrets', 'rotate', '--data-dir', dataDir], both)
      expect(again.stdout).toContain('Everything was sealed with the present root secret already.')
    }
    for (const wrong of [first, strange]) {
      const { code, stderr } = await runMillrace(['start', '--data-dir', dataDir, '--port', '0'], {
        MILLRACE_SECRET: wrong,
      })
      expect(code).toBe(1)
      expect(stderr).toContain('The root secret is not the one that this database was sealed with.')
      expect(stderr).toContain('(ROOT_SECRET_WRONG)')
      expect(stderr).not.toContain(wrong)
    }
    const { code, stderr } = await runMillrace(['signing-keys', 'list', '--data-dir', dataDir], {
      MILLRACE_SECRET: strange,
    })
    expect([code, stderr.includes('(ROOT_SECRET_WRONG)')]).toEqual([1, true])
    await using server = await startServer(dataDir, { MILLRACE_SECRET: second })
    expect(await signIn(server.url, password)).toEqual(signedIn)
  }, 120_000)
})
