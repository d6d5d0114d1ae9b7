import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { openTestApp } from '../support/open-test-app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

/** As long as the largest output lets it be: `{"text":"…"}` has 1 MiB. */
const largestText = 2 ** 20 - 11

let folder: TestFolder
let app: App
let ada: SignedInUser

beforeAll(async () => {
  folder = await makeTestFolder()
  const tasks = join(folder.path, 'tasks')
  await mkdir(tasks)
  await writeFile(
    join(tasks, 'parts.ts'),
    `import { defineTask, z } from 'millrace/task'
    export default defineTask({ name: 'makeParts', description: 'Makes long parts.', input: z.object({ sizes: z.array(z.int32()) }),
      output: z.object({}), partial: z.object({ text: z.string() }),
      async run({ sizes }, context) { for (const size of sizes) await context.emit({ text: 'x'.repeat(size) }); return {} } })`,
  )
  await writeFile(
    join(tasks, 'big.ts'),
    `import { defineTask, z } from 'millrace/task'
    export default defineTask({ name: 'makeText', description: 'Makes a long text.', input: z.object({ size: z.int32() }),
      output: z.object({ text: z.string() }), run: ({ size }) => ({ text: 'x'.repeat(size) }) })`,
  )
  app = await openTestApp({ taskFolders: [tasks] })
  ada = await signUpAt(app.url, 'ada')
  const makeText = `mutation { makeText(input: { size: ${largestText} }, options: { waitMs: 10000 }) { ... on MakeTextAccepted { job { state } } } }`
  for (let n = 0; n < 4; n += 1)
    expect(await ada.request(makeText)).toMatchObject({ makeText: { job: { state: 'SUCCEEDED' } } })
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('the outputs of jobs', () => {
  it('can be read as they are, four of the largest at a time', async () => {
    const { jobs } = await ada.request<{ jobs: { nodes: { output: { text: string } }[] } }>(
      '{ jobs(first: 4) { nodes { output } } }',
    )
    expect(jobs.nodes.map(({ output }) => output.text.length)).toEqual([1, 2, 3, 4].map(() => largestText))
  })

  it('can be read in fields, one of the largest at a time', async () => {
    const { jobs } = await ada.request<{ jobs: { nodes: { result: { text: string } }[] } }>(
      '{ jobs(first: 1) { nodes { ... on MakeTextJob { result { text } } } } }',
    )
    expect(jobs.nodes.map(({ result }) => result.text.length)).toEqual([largestText])
  })

  it.each([
    ['as they are', '{ jobs(first: 4) { nodes { output } edges { node { output } } } }'],
    ['in fields', '{ jobs(first: 2) { nodes { ... on MakeTextJob { result { text } } } } }'],
    ['in both ways', '{ jobs(first: 1) { nodes { output ... on MakeTextJob { result { text } } } } }'],
  ])('cannot be multiplied, %s, into an answer that holds everybody up', async (_how, operation) => {
    await expect(ada.request(operation)).rejects.toThrow(
      'OPERATION_TOO_COSTLY: One operation may read 4 MiB of outputs, of which those in fields count 4 times. Ask for fewer jobs at a time.',
    )
  })
})

describe('the partial results of a job', () => {
  const parts = (sizes: readonly number[]) =>
    ada.request<{ makeParts: { job: { id: string; partials: { text: string }[] } } }>(
      `mutation { makeParts(input: { sizes: [${sizes.join()}] }, options: { waitMs: 10000 }) {
        ... on MakePartsAccepted { job { id partials { text } } } } }`,
    )

  it('are told up to as many bytes as the largest has, but one in any case', async () => {
    const told = async (sizes: readonly number[]) =>
      (await parts(sizes)).makeParts.job.partials.map(({ text }) => text.length)
    expect(await told([1, largestText])).toEqual([largestText])
    expect(await told([largestText, 1])).toEqual([1])
    expect(await told([400_000, 400_000, 400_000])).toEqual([400_000, 400_000])
  })

  it('are counted with what one operation may read', async () => {
    const { makeParts } = await parts([300_000, 300_000, 300_000])
    const both = (last: number) =>
      ada.request(
        `query ($id: ID!) { job(id: $id) { ... on MakePartsJob { a: partials(last: ${last}) { text } b: partials(last: ${last}) { text } } } }`,
        {
          id: makeParts.job.id,
        },
      )
    await expect(both(1)).resolves.toMatchObject({ job: { a: [{}], b: [{}] } })
    await expect(both(2)).rejects.toThrow('OPERATION_TOO_COSTLY')
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
