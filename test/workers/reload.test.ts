import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecorder, openTestPool, request, run, runTask, until } from './open-test-pool.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-reload-'))
  file = join(folder, 'task.mjs')
})
afterEach(() => rm(folder, { recursive: true }))

/** Writes a task that answers `answer`, once it is asked to stop if it is told to wait. */
const write = (name: string, answer: number) =>
  writeFile(
    file,
    `import { defineTask, z } from 'millrace/task'
    export default defineTask({
      name: '${name}', description: 'Answers ${answer}.',
      input: z.object({ wait: z.boolean().default(false) }), output: z.object({ answer: z.int32() }),
      async run({ wait }, context) {
        context.log('info', 'running')
        if (wait) while (!context.counter.total) await new Promise((resolve) => setTimeout(resolve, 5)), context.throwIfCancelled()
        return { answer: ${answer} }
      },
    })`,
  )

const answers = (answer: number) => ({ type: 'succeeded', output: { answer } })

describe('a pool whose task files have changed', () => {
  it('runs what begins afterwards on the new files, and what is under way ends on the old', async () => {
    await write('answer', 1)
    await using pool = await openTestPool({ taskFiles: [file] })
    const controller = new AbortController()
    const recorder = createRecorder()
    const old = run(pool, request('answer', { wait: true }), recorder, controller.signal)
    await until(() => recorder.said.length === 1)
    await write('answer', 2)
    expect(await pool.reload([file])).toMatchObject([{ name: 'answer', description: 'Answers 2.' }])
    expect(await pool.describe()).toMatchObject([{ description: 'Answers 2.' }])
    expect(await runTask(pool, 'answer', {})).toEqual(answers(2))
    // Both share the threads.
    expect(pool.free).toBe(1)
    expect(pool.statistics()).toMatchObject({ threads: 2, busy: 1 })
    controller.abort()
    expect(await old).toEqual({ type: 'cancelled' })
    expect(pool.free).toBe(2)
  })

  it('stays as it was where they are broken, and takes the next ones that are not', async () => {
    await write('answer', 1)
    await using pool = await openTestPool({ taskFiles: [file] })
    await pool.describe()
    await writeFile(file, 'export default {')
    await expect(pool.reload([file])).rejects.toMatchObject({ code: 'TASK_FILE_INVALID' })
    expect(await pool.describe()).toMatchObject([{ description: 'Answers 1.' }])
    expect(await runTask(pool, 'answer', {})).toEqual(answers(1))
    await write('another', 3)
    await pool.reload([file])
    expect(await runTask(pool, 'answer', {})).toMatchObject({ error: { code: 'UNKNOWN_TASK' } })
    expect(await runTask(pool, 'another', {})).toEqual(answers(3))
    expect(pool.statistics().tasks).toMatchObject([{ task: 'another' }])
  })

  it('stays as it was where whoever asked does not accept them', async () => {
    await write('answer', 1)
    await using pool = await openTestPool({ taskFiles: [file] })
    await pool.describe()
    await write('answer', 2)
    const seen: unknown[] = []
    const accept = (descriptions: readonly object[]) => {
      seen.push(...descriptions)
      throw new Error('not these')
    }
    await expect(pool.reload([file], accept)).rejects.toThrow('not these')
    expect(seen).toMatchObject([{ description: 'Answers 2.' }])
    expect(await pool.describe()).toMatchObject([{ description: 'Answers 1.' }])
    expect(await runTask(pool, 'answer', {})).toEqual(answers(1))
  })

  it('reloads once after the other, and loses no attempt meanwhile', async () => {
    await write('answer', 1)
    await using pool = await openTestPool({ taskFiles: [file] })
    await pool.describe()
    let reloading = true
    const ended: string[] = []
    const load = [1, 2].map(async () => {
      while (reloading) ended.push((await runTask(pool, 'answer', {})).type)
    })
    await write('answer', 2)
    await Promise.all([pool.reload([file]), pool.reload([file])])
    reloading = false
    await Promise.all(load)
    expect(new Set(ended)).toEqual(new Set(['succeeded']))
    expect(await runTask(pool, 'answer', {})).toEqual(answers(2))
  })

  it('cannot be reloaded once it is closed', async () => {
    await write('answer', 1)
    const pool = await openTestPool({ taskFiles: [file] })
    await pool.describe()
    const under = pool.reload([file])
    await Promise.all([
      expect(under).rejects.toThrow('The pool was closed.'),
      pool[Symbol.asyncDispose](),
      expect(pool.reload([file])).rejects.toThrow('The pool was closed.'),
    ])
  })
})
