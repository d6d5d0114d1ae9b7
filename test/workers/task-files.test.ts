import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPool } from '../../src/workers/pool.ts'
import { listTaskFiles } from '../../src/workers/task-files.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { failure, openTestPool, runTask } from './open-test-pool.ts'

// A folder outside of any package, as a user's own is: there is no package.json and no node_modules above it.
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tasks-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const paths = Object.keys(files).map((name) => join(folder, name))
  for (const [index, text] of Object.values(files).entries()) await writeFile(paths[index] ?? '', text)
  return paths
}

/** What a pool says of files that it cannot load, with the folder left out. */
async function complaintAbout(files: Readonly<Record<string, string>>, startDeadlineMs = 30_000): Promise<string> {
  const taskFiles = await write(files)
  await using pool = openPool({ threads: 1, taskFiles, logger: collectingLogger(), startDeadlineMs })
  const error: unknown = await pool.describe().then(
    () => new Error('The files were accepted.'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'TaskFileError', code: 'TASK_FILE_INVALID' })
  return error instanceof Error ? error.message.replaceAll(`${folder}/`, '') : ''
}

const esm = (name: string) => `
  import { defineTask, z } from 'millrace/task'
  export default defineTask({
    name: '${name}', description: 'Doubles a number.',
    input: z.object({ n: z.int32() }), output: z.object({ doubled: z.int32() }),
    run: ({ n }) => ({ doubled: n * 2 }),
  })`

const commonJs = (name: string) => `
  const { defineTask, z } = require('millrace/task')
  module.exports = defineTask({
    name: '${name}', description: 'Doubles a number.',
    input: z.object({ n: z.int32() }), output: z.object({ doubled: z.int32() }),
    run: ({ n }) => ({ doubled: n * 2 }),
  })`

describe('task files', () => {
  it('run as they are in a folder of their own: TypeScript, ES modules and CommonJS', async () => {
    const typed = `
      import { defineTask, z, type TaskContext } from 'millrace/task'
      import { double } from './lib/double.mts'
      const input = z.object({ n: z.int32() })
      export default defineTask({
        name: 'fromTs', description: 'Doubles a number.', input, output: z.object({ doubled: z.int32() }),
        run: ({ n }: z.output<typeof input>, context: TaskContext<never>) => ({ doubled: double(n) }),
      })`
    const compiled = `
      "use strict"; Object.defineProperty(exports, '__esModule', { value: true })
      const { defineTask, z } = require('millrace/task')
      exports.default = defineTask({
        name: 'fromCts', description: 'Doubles a number.',
        input: z.object({ n: z.int32() }), output: z.object({ doubled: z.int32() }),
        run: ({ n }: { n: number }) => ({ doubled: n * 2 }),
      })`
    await mkdir(join(folder, 'lib'))
    await write({
      'a.ts': typed,
      'b.mts': esm('fromMts'),
      'c.cts': compiled,
      'd.js': esm('fromJs'),
      'e.mjs': esm('fromMjs'),
      'f.cjs': commonJs('fromCjs'),
      'g.js': commonJs('fromCommonJs'),
      'lib/double.mts': 'export const double = (n: number): number => n * 2',
    })
    await using pool = openPool({ threads: 1, taskFiles: await listTaskFiles([folder]), logger: collectingLogger() })
    const names = (await pool.describe()).map((task) => task.name)
    expect(names.filter((name) => name.startsWith('from'))).toEqual([
      'fromTs',
      'fromMts',
      'fromCts',
      'fromJs',
      'fromMjs',
      'fromCjs',
      'fromCommonJs',
    ])
    for (const name of names.filter((each) => each.startsWith('from'))) {
      expect(await runTask(pool, name, { n: 21 })).toEqual({ type: 'succeeded', output: { doubled: 42 } })
    }
  })

  it('run in shards as TypeScript and as CommonJS', async () => {
    const typed = `
      import { defineTask, z } from 'millrace/task'
      export default defineTask({
        name: 'sumInTs', description: 'Sums a list.', input: z.object({ list: z.array(z.number()) }),
        output: z.object({ sum: z.number() }),
        shards: {
          plan: ({ list }, { threads }) => ({
            parts: Array.from({ length: threads }, (_, index) => list.filter((__, at) => at % threads === index)),
            shared: { sums: new Float64Array(new SharedArrayBuffer(8 * threads)) },
          }),
          run(part: readonly number[], { shared, shard }) {
            shared.sums[shard.index] = part.reduce((sum, each) => sum + each, 0)
          },
          reduce: (_, { shared }) => ({ sum: shared.sums.reduce((sum, each) => sum + each, 0) }),
        },
      })`
    const plain = `
      const { defineTask, z } = require('millrace/task')
      module.exports = defineTask({
        name: 'sumInCjs', description: 'Sums a list.', input: z.object({ list: z.array(z.number()) }),
        output: z.object({ sum: z.number() }),
        shards: {
          plan: ({ list }) => ({ parts: [list.slice(0, 2), list.slice(2)] }),
          run: (part) => part.reduce((sum, each) => sum + each, 0),
          reduce: (sums) => ({ sum: sums[0] + sums[1] }),
        },
      })`
    const taskFiles = await write({ 'a.ts': typed, 'b.cjs': plain })
    await using pool = openPool({ threads: 2, taskFiles, logger: collectingLogger() })
    expect(await pool.describe()).toMatchObject([
      { name: 'sumInTs', sharded: true },
      { name: 'sumInCjs', sharded: true },
    ])
    for (const name of ['sumInTs', 'sumInCjs']) {
      expect(await runTask(pool, name, { list: [1, 2, 3, 4] })).toEqual({ type: 'succeeded', output: { sum: 10 } })
    }
  })

  it('tell how their jobs are run', async () => {
    const told = `retries: { attempts: 3, baseMs: 50 }, version: '2', memoizeFor: '12h', memory: { heapMb: 64 }, concurrency: 4,`
    const taskFiles = await write({ 'a.mjs': esm('plain'), 'b.mjs': esm('told').replace('input:', `${told} input:`) })
    await using pool = openPool({ threads: 1, taskFiles, logger: collectingLogger() })
    expect(await pool.describe()).toMatchObject([
      {
        retries: { attempts: 1, baseMs: 1_000, capMs: 300_000 },
        memoizeForMs: null,
        heapMb: null,
        concurrency: null,
        sharded: false,
      },
      {
        retries: { attempts: 3, baseMs: 50, capMs: 300_000 },
        memoizeForMs: 12 * 3_600_000,
        heapMb: 64,
        concurrency: 4,
        sharded: false,
      },
    ])
  })

  it('are described with dates as JSON has them', async () => {
    const task = `
      import { z } from 'millrace/task'
      export default {
        name: 'dates', description: 'Has dates.',
        input: z.object({ when: z.coerce.date().describe('A day.'), either: z.union([z.date(), z.number()]) }),
        output: z.object({ day: z.date(), days: z.array(z.coerce.date()), maybe: z.date().nullable() }),
        run: ({ when }) => ({ day: when, days: [when], maybe: null }),
      }`
    const taskFiles = await write({ 'a.mjs': task })
    await using pool = openPool({ threads: 1, taskFiles, logger: collectingLogger() })
    const date = { type: 'string', format: 'date-time' }
    const [described] = await pool.describe()
    expect(described?.inputSchema.properties).toEqual({
      when: { ...date, description: 'A day.' },
      either: { anyOf: [{}, { type: 'number' }] },
    })
    expect(described?.outputSchema.properties).toEqual({
      day: date,
      days: { type: 'array', items: date },
      maybe: { anyOf: [date, { type: 'null' }] },
    })
    const at = '2026-01-02T03:04:05.000Z'
    expect(await runTask(pool, 'dates', { when: at, either: 1 })).toEqual({
      type: 'succeeded',
      output: { day: at, days: [at], maybe: null },
    })
  })

  it('are listed by their extension, without tests, declarations and what lies deeper', async () => {
    await mkdir(join(folder, 'deeper.ts'))
    const names = [
      'b.ts',
      'a.cjs',
      'a.test.ts',
      'a.d.ts',
      'a.test.mjs',
      'notes.md',
      'data.json',
      'c.mts',
      'deeper.ts/x.ts',
    ]
    await write(Object.fromEntries(names.map((name) => [name, ''])))
    const listed = await listTaskFiles([folder, folder])
    expect(listed.filter((path) => dirname(path) === folder).map((path) => basename(path))).toEqual([
      'a.cjs',
      'b.ts',
      'c.mts',
    ])
    const builtIn = listed.filter((path) => dirname(path) !== folder).map((path) => basename(path))
    expect(builtIn).toEqual(expect.arrayContaining(['compute-fibonacci.ts', 'profile-table.ts']))
    expect(new Set(builtIn).size).toBe(builtIn.length)
  })

  it('may make of JSON what JSON cannot hold', async () => {
    const input = `z.object({
      coerced: z.coerce.date(), read: z.iso.datetime().transform((text) => new Date(text)),
      made: z.preprocess((text) => ({ at: new Date(text) }), z.object({ at: z.date() })),
      either: z.union([z.date(), z.iso.date()]), decoded: z.codec(z.string(), z.bigint(), { decode: BigInt, encode: String }),
    })`
    const task = `
      import { z } from 'millrace/task'
      export default {
        name: 'readDates', description: 'Reads dates.', input: ${input}, output: z.object({ days: z.array(z.string()) }),
        run: ({ coerced, read, made, either, decoded }) =>
          ({ days: [coerced, read, made.at].map((date) => date.toISOString().slice(0, 10)).concat(either, String(decoded + 1n)) }),
      }`
    const taskFiles = await write({ 'a.mjs': task })
    await using pool = openPool({ threads: 1, taskFiles, logger: collectingLogger() })
    const given = { coerced: 0, read: '2026-01-02T00:00:00Z', made: '2026-01-03', either: '2026-01-04', decoded: '9' }
    expect(await runTask(pool, 'readDates', given)).toEqual({
      type: 'succeeded',
      output: { days: ['1970-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '10'] },
    })
  })

  it('lie in folders that exist', async () => {
    const [file = ''] = await write({ 'a.ts': '' })
    const missing = join(folder, 'missing')
    await expect(listTaskFiles([missing])).rejects.toMatchObject({
      code: 'TASK_FILE_INVALID',
      message: `The task folder ${missing} does not exist. Name existing folders in MILLRACE_TASKS.`,
    })
    await expect(listTaskFiles([file])).rejects.toMatchObject({
      code: 'TASK_FILE_INVALID',
      message: `The task folder ${file} is not a folder. Name existing folders in MILLRACE_TASKS.`,
    })
  })

  it('have tasks of different names', async () => {
    expect(await complaintAbout({ 'a.mjs': esm('same'), 'b.cjs': commonJs('same') })).toBe(
      'b.cjs:4: A task named `same` is also in a.mjs. Give one of them another name: each becomes a mutation.',
    )
  })
})

describe('a broken task file is named with its line and what to do', () => {
  const erasable =
    'TypeScript runs here with its types erased: write it without enums, namespaces and parameter properties (`"erasableSyntaxOnly": true` in tsconfig.json finds them), or compile the file to JavaScript.'
  const duringLoad = 'It was thrown while the file was being loaded: correct that, and do work only inside `run`.'
  const noTask =
    'It exports no task: end it with `export default defineTask({ … })` (CommonJS: `module.exports = defineTask({ … })`); or, if it only helps task files, move it into a subfolder.'

  it.each([
    [
      'a syntax error in TypeScript',
      'a.ts',
      '\nexport default { a: 1 b }',
      "a.ts:2: Expected ',', got 'ident'. Correct the syntax there.",
    ],
    [
      'a syntax error in an ES module',
      'a.mjs',
      'const a = 1\n\nexport default { a b }',
      "a.mjs:3: Unexpected identifier 'b'. Correct the syntax there.",
    ],
    [
      'a syntax error in CommonJS',
      'a.cjs',
      '\nmodule.exports = { a b }',
      "a.cjs:2: Unexpected identifier 'b'. Correct the syntax there.",
    ],
    [
      'an enum',
      'a.ts',
      '\n\nenum Color { Red }',
      `a.ts:3: TypeScript enum is not supported in strip-only mode. ${erasable}`,
    ],
    [
      'an error thrown at import',
      'a.ts',
      "const type: string = 'x'\nthrow new Error('No key is set')",
      `a.ts:2: No key is set. ${duringLoad}`,
    ],
    [
      'a text thrown at import',
      'a.cjs',
      "throw 'up'",
      `a.cjs: The task threw a value that is no error: up. ${duringLoad}`,
    ],
    [
      'an import that is not there',
      'a.ts',
      "import { z } from 'millrace/task'\nimport { nothing } from './nothing.ts'",
      "a.ts:2: Cannot find module 'nothing.ts' imported from a.ts. Correct the path: it is relative to the file and ends in the extension of the other file.",
    ],
    [
      'a package that is not installed',
      'a.mjs',
      "\n\nimport sharp from 'no-such-package'",
      "a.mjs:3: Cannot find package 'no-such-package' imported from a.mjs. Install that package in the folder of the task file or in one above it.",
    ],
    [
      'a package that is not installed, required',
      'a.cjs',
      "\nconst sharp = require('no-such-package')",
      "a.cjs:2: Cannot find module 'no-such-package'. Install that package in the folder of the task file or in one above it.",
    ],
    [
      'a name that millrace/task does not have',
      'a.ts',
      "\nimport { createTask } from 'millrace/task'",
      "a.ts:2: The requested module 'millrace/task' does not provide an export named 'createTask'. `millrace/task` gives `defineTask`, `artifact` and `z`; types are imported with `import type`.",
    ],
    ['no default export', 'a.ts', 'export const task = 1', `a.ts: ${noTask}`],
    ['nothing at all', 'a.cjs', '', `a.cjs: ${noTask}`],
    ['a helper of task files', 'helper.ts', 'export const double = (n: number) => n * 2', `helper.ts: ${noTask}`],
    [
      'what is no task',
      'a.mjs',
      "export default { name: 'Bad-Name', description: ' ', input: {}, output: 1, timeoutMs: 0.5, timeout: 3, run: 'now' }",
      'a.mjs:1: Its `name` must be camelCase: a small letter, then at most 63 letters and digits. Its `description` must say in a sentence or two what the task does (at most 1,000 characters). Its `input` must be a `z.object({ … })` with the `z` of `millrace/task`. Its `output` must be a `z.object({ … })` with the `z` of `millrace/task`. Its `timeoutMs` must be a whole number of milliseconds, at least 1. Its `run` must be a function of the input and the context. Its key `timeout` is not known: a task has name, description, version, input, output, partial, timeoutMs, graceMs, retries, memoizeFor, memory, concurrency, run, shards.',
    ],
    [
      'nothing to run',
      'a.mjs',
      "import { z } from 'millrace/task'\nexport default { name: 'a', description: 'A.', input: z.object({}), output: z.object({}), memoizeFor: '1d' }",
      'a.mjs:2: It has nothing to run: give it `run`, a function of the input and the context, or, to use several threads, `shards`. Its `memoizeFor` needs a `version`, which is to change whenever the same input may give another output.',
    ],
    [
      'two ways to run, and wrong limits',
      'a.mjs',
      "import { z } from 'millrace/task'\nexport default { name: 'a', description: 'A.', version: '1', input: z.object({}), output: z.object({}), retries: { attempts: 21 }, memoizeFor: '1 day', memory: { heapMb: 8 }, concurrency: 0, run() {}, shards: { plan() {}, run() {}, reduce() {}, merge() {} } }",
      "a.mjs:2: Its `retries` must be { attempts, baseMs?, capMs? }: 1 to 20 attempts, and whole milliseconds up to 30 days with `baseMs` not over `capMs`. Its `memoizeFor` must be a length of time from '1s' to '3653d', in s, m, h or d, such as '12h'. Its `memory` must be { heapMb }, a whole number of MiB from 16 to 65,536. Its `concurrency` must be a whole number of jobs, at least 1. Its `shards` must be { plan, run, reduce }, three functions. It has both `run` and `shards`: one thread runs the one, several the other; take one of them out.",
    ],
    [
      'a missing key',
      'a.mjs',
      "import { z } from 'millrace/task'\nexport default { name: 'a', description: 'A.', input: z.object({}), run() {} }",
      'a.mjs:2: Its `output` is missing and must be a `z.object({ … })` with the `z` of `millrace/task`.',
    ],
    [
      'mistakes on several lines',
      'a.ts',
      `import { defineTask, z } from 'millrace/task'
const output = z.array(z.string())
/** The name, input, output. */
const task = defineTask({
  name: 'a',
  description: 'Makes output, of any input, after a timeout.',
  input: z.object({
    name: z.string(),
    timeout: z.number(),
  }),
  output,
  version: 1,
  async run(input) { return input },
  'timeout': 3,
})
export default task`,
      "a.ts:12: Its `version` must be a text such as '1' of at most 100 characters. a.ts:11: Its `output` must be a `z.object({ … })` with the `z` of `millrace/task`. a.ts:14: Its key `timeout` is not known: a task has name, description, version, input, output, partial, timeoutMs, graceMs, retries, memoizeFor, memory, concurrency, run, shards.",
    ],
    [
      'a missing key of CommonJS',
      'a.cjs',
      "const { z } = require('millrace/task')\n\nmodule.exports = {\n  name: 'a', description: 'A.', input: z.object({}), run() {} }",
      'a.cjs:3: Its `output` is missing and must be a `z.object({ … })` with the `z` of `millrace/task`.',
    ],
    ['a default export that is no task', 'a.ts', 'const a = 1\nexport default a', `a.ts:2: ${noTask}`],
    [
      'an end of the thread',
      'a.mjs',
      'process.exit(1)',
      'a.mjs: The thread that loaded it ended (worker exited with code: 1). Do work only inside `run`.',
    ],
  ])('%s', async (_what, name, text, complaint) => {
    expect(await complaintAbout({ [name]: text })).toBe(complaint)
  })

  it('an input that no JSON fits', async () => {
    const input = `z.object({
      when: z.date().nullish(), ids: z.array(z.object({ id: z.bigint().default(1n) })), 'by name': z.map(z.string(), z.string()),
      tags: z.record(z.string(), z.set(z.string())), pair: z.tuple([z.string(), z.object({ file: z.file() })]),
      both: z.intersection(z.object({ deep: z.object({ more: z.symbol() }) }), z.object({})),
    })`
    const complaint = await complaintAbout({ 'a.mjs': esm('a').replace('z.object({ n: z.int32() })', input) })
    expect(complaint.split(' Its ')).toEqual([
      'a.mjs:5:',
      '`input` takes a date at `when`, which JSON cannot hold: use `z.iso.datetime()` or `z.coerce.date()` there.',
      '`input` takes a bigint at `ids[].id`, which JSON cannot hold: use `z.int()` (53 bits) or `z.string()` there.',
      '`input` takes a Map at `by name`, which JSON cannot hold: use `z.record(…)` there.',
      '`input` takes a Set at `tags.*`, which JSON cannot hold: use `z.array(…)` there.',
      '`input` takes a File at `pair[1].file`, which JSON cannot hold: use `artifact()` there.',
      '`input` takes a symbol at `both.deep.more`, which JSON cannot hold: use `z.string()` there.',
    ])
  })

  it('a file that is not there', async () => {
    const [file = ''] = await write({ 'a.ts': esm('gone') })
    await rm(file)
    await using pool = openPool({ threads: 1, taskFiles: [file], logger: collectingLogger() })
    await expect(pool.describe()).rejects.toMatchObject({
      code: 'TASK_FILE_INVALID',
      message: `${file}: There is no such file. Correct its path.`,
    })
  })

  it('a mistake in a file that it imports', async () => {
    await write({ 'helper.ts': '\n\n\nnamespace A { export const b = 1 }' })
    expect(await complaintAbout({ 'a.ts': "import { b } from './helper.ts'" })).toBe(
      `helper.ts:4 (imported by a.ts): TypeScript namespace declaration is not supported in strip-only mode. ${erasable}`,
    )
  })

  it('work that never ends', async () => {
    expect(await complaintAbout({ 'a.mjs': esm('fine'), 'b.mjs': 'for (;;);' }, 3_000)).toBe(
      'b.mjs: It is still being loaded after 3 seconds. Do work only inside `run`.',
    )
  })

  it('fails an attempt when it breaks later, and the operator is told why', async () => {
    const exiting = esm('exitThread').replace('({ doubled: n * 2 })', 'process.exit()')
    const files = await write({ 'double.mjs': esm('double'), 'exit.mjs': exiting })
    await using pool = await openTestPool({ threads: 1, taskFiles: files })
    const unloadable = failure('TASK_ERROR', 'The task cannot be loaded any more; the server has logged why.')
    expect(await runTask(pool, 'double', { n: 1 })).toEqual({ type: 'succeeded', output: { doubled: 2 } })
    await write({ 'double.mjs': 'broken(' })
    // A new thread loads its files anew.
    expect(await runTask(pool, 'exitThread', { n: 1 })).toMatchObject({ type: 'lost' })
    expect(await runTask(pool, 'double', { n: 1 })).toEqual(unloadable)
    await write({ 'double.mjs': esm('triple') })
    expect(await runTask(pool, 'exitThread', { n: 1 })).toMatchObject({ type: 'lost' })
    expect(await runTask(pool, 'double', { n: 1 })).toEqual(unloadable)
    const [double = ''] = files
    expect(pool.lines.map(({ message }) => message)).toEqual([
      `${double}:1: Unexpected end of input. Correct the syntax there.`,
      `${double} now holds the task \`triple\`, not \`double\`: start again.`,
    ])
  })
})
