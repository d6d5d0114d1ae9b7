import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

let folder: TestFolder
let tasks: string
let server: ServerProcess
let user: SignedInUser

beforeAll(async () => {
  folder = await makeTestFolder()
  tasks = join(folder.path, 'tasks')
  await mkdir(join(tasks, 'lib'), { recursive: true })
  await writeFile(join(tasks, 'lib/factor.ts'), 'export const factor = 2\n')
  await writeFile(join(tasks, 'scale.ts'), scale('z.int32()'))
  server = await startServer(join(folder.path, 'data'), { MILLRACE_TASKS: tasks })
  user = await signUpAt(server.url, 'ada')
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const scale = (type: string) => `import { defineTask, z } from 'millrace/task'
import { factor } from './lib/factor.ts'
export default defineTask({
  name: 'scale',
  description: 'Scales a number, and waits for as long as it is told.',
  input: z.object({ n: ${type}, waitMs: z.int32().default(0) }),
  output: z.object({ scaled: z.number() }),
  async run({ n, waitMs }, context) {
    context.progress(0.5)
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    return { scaled: Number(n) * factor }
  },
})
`

async function scaled(n: string): Promise<unknown> {
  const query = `mutation { scale(input: { n: ${n} }, options: { waitMs: 20000 }) { ... on ScaleAccepted { job { result { scaled } } } ... on Error { code } } }`
  return user.request(query).catch((error: unknown) => String(error))
}

const soon = (what: () => unknown) => expect.poll(what, { timeout: 10_000, interval: 50 })

const answer = (value: number) => ({ scale: { job: { result: { scaled: value } } } })

it('takes in changed, new and removed task files while it runs, and no mistakes', { timeout: 60_000 }, async () => {
  expect(await scaled('21')).toEqual(answer(42))

  // A file that the task imports.
  await writeFile(join(tasks, 'lib/factor.ts'), 'export const factor = 3\n')
  await soon(() => scaled('21')).toEqual(answer(63))

  // Another type of the input is another schema.
  await writeFile(join(tasks, 'scale.ts'), scale('z.string()'))
  await soon(() => scaled('"21"')).toEqual(answer(63))
  expect(await scaled('21')).toContain('String cannot represent a non string value')

  // A mistake is logged, and what was there goes on.
  await writeFile(join(tasks, 'scale.ts'), 'export default {\n')
  await soon(() => server.output()).toContain('Correct the syntax there.')
  expect(await scaled('"7"')).toEqual(answer(21))

  // So is one that only the schema finds.
  await writeFile(join(tasks, 'scale.ts'), scale('z.string()').replace("'scale'", "'signIn'"))
  await soon(() => server.output()).toContain('it takes the mutation name')
  expect(await scaled('"7"')).toEqual(answer(21))

  // A job that runs ends on what it began with.
  await writeFile(join(tasks, 'scale.ts'), scale('z.int32()'))
  await soon(() => scaled('1')).toEqual(answer(3))
  const { scale: slow } = await user.request<{ scale: { job: { id: string } } }>(
    'mutation { scale(input: { n: 1, waitMs: 3000 }) { ... on ScaleAccepted { job { id } } } }',
  )
  const job = () =>
    user.request('query ($id: ID!) { job(id: $id) { state progress { fraction } output } }', { id: slow.job.id })
  await soon(job).toMatchObject({ job: { progress: { fraction: 0.5 } } })
  await writeFile(join(tasks, 'lib/factor.ts'), 'export const factor = 5\n')
  await soon(() => scaled('1')).toEqual(answer(5))
  await soon(job).toMatchObject({ job: { state: 'SUCCEEDED', output: { scaled: 3 } } })

  await rm(join(tasks, 'scale.ts'))
  await soon(() => scaled('1')).toContain('Cannot query field "scale"')
})
