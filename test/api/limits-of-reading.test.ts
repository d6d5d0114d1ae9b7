import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let app: App
let ada: SignedInUser

beforeAll(async () => {
  folder = await makeTestFolder()
  const tasks = join(folder.path, 'tasks')
  await mkdir(tasks)
  await writeFile(
    join(tasks, 'big.ts'),
    `import { defineTask, z } from 'millrace/task'
    export default defineTask({ name: 'makeText', description: 'Makes a long text.', input: z.object({ size: z.int32() }),
      output: z.object({ text: z.string() }), run: ({ size }) => ({ text: 'x'.repeat(size) }) })`,
  )
  app = await openTestApp({ taskFolders: [tasks] })
  ada = await signUpAt(app.url, 'ada')
  const makeText = `mutation { makeText(input: { size: ${3 * 1024 * 1024} }, options: { waitMs: 10000 }) { ... on MakeTextAccepted { job { state } } } }`
  for (let n = 0; n < 4; n += 1)
    expect(await ada.request(makeText)).toMatchObject({ makeText: { job: { state: 'SUCCEEDED' } } })
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('the outputs of jobs', () => {
  it('can be read one or two at a time, in any form', async () => {
    const { jobs } = await ada.request<{ jobs: { nodes: { output: { text: string }; result: { text: string } }[] } }>(
      '{ jobs(first: 1) { nodes { output ... on MakeTextJob { result { text } } } } }',
    )
    expect(jobs.nodes.map(({ output, result }) => [output.text.length, result.text.length])).toEqual([
      [3_145_728, 3_145_728],
    ])
  })

  it('cannot be multiplied into an answer that holds everybody up', async () => {
    const outputs = 'jobs(first: 100) { nodes { output } edges { node { output } } }'
    const many = `{ a: ${outputs} b: ${outputs} }`
    await expect(ada.request(many)).rejects.toThrow(
      'OPERATION_TOO_COSTLY: One operation may read 8 MiB of outputs. Ask for fewer jobs at a time.',
    )
  })
})

describe('the text of an operation', () => {
  it('has a limit, since values belong into variables', async () => {
    await expect(ada.request(`{ me { id } } # ${'x'.repeat(70_000)}`)).rejects.toThrow(
      'PAYLOAD_TOO_LARGE: "query" may have at most 65536 characters; values go into variables.',
    )
  })
})

describe('the scripts of the page', () => {
  it.each(['/assets/page/page.js', '/assets/client/subscribe.ts', '/assets/graphql-ws/client.js'])(
    '%s is there',
    async (path) => {
      const response = await fetch(app.url + path)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
      await response.arrayBuffer()
    },
  )

  it.each([
    '/assets/page/pages.ts',
    '/assets/constructor/x.js',
    '/assets/client/../app.ts',
    '/assets/client/%2e%2e/x.ts',
    '/assets/page/page.js/x',
  ])('%s is not', async (path) => {
    const response = await fetch(app.url + path)
    expect(response.status).toBe(404)
    await response.arrayBuffer()
  })
})
