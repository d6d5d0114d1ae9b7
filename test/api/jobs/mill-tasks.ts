import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../../../src/app.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { openTestApp } from '../../support/open-test-app.ts'

/** A task that takes and gives everything that has a form of its own in GraphQL. */
const drawShape = `import { artifact, defineTask, z } from 'millrace/task'

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive() }),
  z.object({ kind: z.literal('polygon'), points: z.array(z.object({ x: z.number(), y: z.number() })).min(3) }),
  z.object({ kind: z.literal('no-fill') }),
])

export default defineTask({
  name: 'drawShape',
  description: 'Draws a shape.',
  input: z.object({
    shape,
    more: z.array(shape).default([]),
    at: z.coerce.date(),
    from: z.iso.datetime().default('2026-01-01T00:00:00Z'),
    day: z.iso.date(),
    stencil: artifact().optional(),
  }),
  partial: z.object({
    news: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('begun'), at: z.date() }),
      z.object({ kind: z.literal('drawn'), picture: artifact() }),
    ]),
  }),
  output: z.object({
    shape,
    more: z.array(shape),
    at: z.date(),
    from: z.iso.datetime(),
    day: z.iso.date(),
    picture: artifact(),
    all: z.array(artifact()),
  }),
  async run({ shape, more, at, from, day, stencil }, context) {
    if (!(at instanceof Date)) throw new Error('The moment is no Date.')
    if (stencil !== undefined) context.artifacts.open(stencil)
    await context.emit({ news: { kind: 'begun', at: new Date(at.getTime() + 1) } })
    const picture = await context.artifacts.write({ fileName: 'a.txt', mediaType: 'text/plain', data: shape.kind })
    const other = await context.artifacts.write({ fileName: 'b.txt', mediaType: 'text/plain', data: day })
    await context.emit({ news: { kind: 'drawn', picture } })
    return { shape, more, at, from, day, picture, all: [other, picture] }
  },
})
`

const rollDie = `import { defineTask, z } from 'millrace/task'

export default defineTask({
  name: 'rollDie',
  description: 'Gives a number that is hardly given twice.',
  version: '7',
  memoizeFor: '1d',
  retries: { attempts: 2, baseMs: 1, capMs: 1 },
  timeoutMs: 30_000,
  concurrency: 2,
  input: z.object({ fail: z.boolean().default(false) }),
  output: z.object({ number: z.number() }),
  run({ fail }) {
    if (fail) throw new Error('It rolled off the table.')
    return { number: Math.random() }
  },
})
`

/** A whole app with the tasks \`drawShape\` and \`rollDie\`, and two threads. */
export async function openMillApp(): Promise<App> {
  const folder = await makeTestFolder()
  const tasks = join(folder.path, 'tasks')
  await mkdir(tasks)
  await writeFile(join(tasks, 'draw-shape.ts'), drawShape)
  await writeFile(join(tasks, 'roll-die.ts'), rollDie)
  const app = await openTestApp({ taskFolders: [tasks] })
  return {
    ...app,
    get url() {
      return app.url
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
