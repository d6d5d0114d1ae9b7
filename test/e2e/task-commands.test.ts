import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { runMillrace } from '../support/server-process.ts'

let folder: TestFolder
let tasks: string

beforeAll(async () => {
  folder = await makeTestFolder()
  // Outside of any package, and nothing is installed there.
  tasks = join(folder.path, 'tasks')
})

afterAll(() => folder[Symbol.asyncDispose]())

async function write(name: string, text: string): Promise<string> {
  await mkdir(tasks, { recursive: true })
  const path = join(tasks, name)
  await writeFile(path, text)
  return path
}

describe('millrace task new', () => {
  it.each([
    ['countWords', 'count-words', [], /^words: +6\n/],
    ['addRootsInShards', 'add-roots-in-shards', ['--sharded'], /^sum: +21,?081/],
    // A name that is no variable's.
    ['class', 'class', [], /^words: +6\n/],
  ])('writes %s with a test that passes and an input that it takes', { timeout: 60_000 }, async (...given) => {
    const [name, file, flags, output] = given
    const path = (ending: string) => join(tasks, file + ending)
    const made = await runMillrace(['task', 'new', name, '--folder', tasks, ...flags])
    expect(made.stderr).toBe('')
    expect(made.stdout).toContain(`npx millrace task test`)
    const tested = await runMillrace(['task', 'test', path('.test.ts')])
    expect(tested.stdout).toContain('pass 2')
    expect(tested.code).toBe(0)
    const tried = await runMillrace(['task', 'test', path('.ts'), '--input', path('.input.json')])
    expect(tried.stderr).toContain(`${name} 100% succeeded`)
    expect(tried.stdout).toMatch(output)
    expect(tried.code).toBe(0)
  })

  it('runs a test that fails to its end, with its status', async () => {
    const path = await write(
      'fail.test.ts',
      "import { test } from 'node:test'\ntest('no', () => { throw new Error('no') })\n",
    )
    const { code, stdout } = await runMillrace(['task', 'test', path])
    expect(stdout).toContain('fail 1')
    expect(code).toBe(1)
  })

  it('overwrites nothing', async () => {
    const path = await write('mine.ts', 'mine')
    const { code, stderr } = await runMillrace(['task', 'new', 'mine', '--folder', tasks])
    expect(code).toBe(1)
    expect(stderr).toContain(`${path} is there already: remove it first, or give the task another name. (EXISTS)`)
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  it('refuses a name that no mutation can have', async () => {
    const { code, stderr } = await runMillrace(['task', 'new', 'Count Words', '--folder', tasks])
    expect(code).toBe(2)
    expect(stderr).toContain('"Count Words" cannot be a task\'s name: it is camelCase')
  })
})

const shout = `
import { readFile } from 'node:fs/promises'
import { artifact, defineTask, z } from 'millrace/task'
export default defineTask({
  name: 'shout',
  description: 'Writes a text file in capitals.',
  input: z.object({ file: artifact(), times: z.int32().min(1).default(1) }),
  output: z.object({ file: artifact(), characters: z.int32() }),
  partial: z.object({ half: z.string() }),
  async run({ file, times }, context) {
    const { path } = context.artifacts.open(file)
    const text = (await readFile(path, 'utf8')).toUpperCase().repeat(times)
    await context.emit({ half: text.slice(0, text.length / 2) })
    context.log('warn', 'it is loud')
    return { file: await context.artifacts.write({ fileName: '../loud.txt', mediaType: 'text/plain', data: text }), characters: text.length }
  },
})
`

describe('millrace task test', () => {
  it('gives files to a task, and keeps those that it writes by their last name', async () => {
    const task = await write('shout.ts', shout)
    const text = await write('quiet.txt', 'hush')
    const out = join(folder.path, 'out')
    const args = ['task', 'test', task, '--file', text, '--input', '{"times":2}', '--out', out]
    const { code, stdout, stderr } = await runMillrace(args)
    expect(stderr).toContain('partial {"half":"HUSH"}')
    expect(stderr).toContain('warn it is loud')
    expect(stdout).toMatch(/characters: +8/)
    expect(stdout).toContain(`file: loud.txt, text/plain, 8 bytes in ${join(out, 'loud.txt')}`)
    expect(await readFile(join(out, 'loud.txt'), 'utf8')).toBe('HUSHHUSH')
    expect(code).toBe(0)
  })

  it('prints what it hears as lines of JSON', async () => {
    const task = await write('shout.ts', shout)
    const text = await write('quiet.txt', 'hush')
    const { stdout } = await runMillrace(['task', 'test', task, '--file', `file=${text}`, '--json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(lines).toEqual([
      { partial: { half: 'HU' } },
      { level: 'warn', text: 'it is loud' },
      { output: { file: expect.stringMatching(/^art_/), characters: 4 }, cpuMs: expect.any(Number) },
    ])
  })

  it('names what is wrong with an input, field by field', async () => {
    const task = await write('shout.ts', shout)
    const { code, stderr } = await runMillrace(['task', 'test', task, '--input', '{"times":0}'])
    expect(code).toBe(1)
    expect(stderr).toContain('The input is not valid.')
    expect(stderr).toContain('\n  file: ')
    expect(stderr).toContain('\n  times: ')
    expect(stderr).toContain('(INVALID_INPUT)')
  })

  it('tells how a task failed, with the code of a job', async () => {
    const task = await write(
      'fail.ts',
      `import { defineTask, z } from 'millrace/task'
      export default defineTask({ name: 'fail', description: 'Fails.', input: z.object({}), output: z.object({}),
        run() { throw new Error('No luck today.') } })`,
    )
    const { code, stderr } = await runMillrace(['task', 'test', task])
    expect(code).toBe(1)
    expect(stderr).toContain('error: No luck today. (TASK_ERROR)')
  })

  it('names file, line and remedy of a task file that is not in order', async () => {
    const task = await write('broken.ts', `import { defineTask } from 'millrace/task'\n\nexport default defineTask({\n`)
    const { code, stderr } = await runMillrace(['task', 'test', task])
    expect(code).toBe(1)
    expect(stderr).toMatch(/broken\.ts:\d+: .*Correct the syntax there\. \(TASK_FILE_INVALID\)/)
  })

  it.each([
    ['--input', '[1]'],
    ['--input', '{"times":'],
    ['--threads', '0'],
    ['--file', 'nothing=here'],
  ])('refuses %s %s as a call that is not right', async (...flags) => {
    const task = await write(
      'plain.ts',
      shout.replace('file: artifact(), times', 'times').replace("'shout'", "'plain'"),
    )
    expect((await runMillrace(['task', 'test', task, ...flags])).code).toBe(2)
  })
})
