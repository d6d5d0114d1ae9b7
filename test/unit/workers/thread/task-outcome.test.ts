import { describe, expect, it } from 'vitest'
import type { PlainTask, TaskContext } from '../../../../src/core/task.ts'
import { defineTask, z } from '../../../../src/task.ts'
import { outcomeOf } from '../../../../src/workers/thread/task-outcome.ts'

const none = (): never => {
  throw new Error('There are no artifacts.')
}

const context: TaskContext = {
  job: { id: 'job_test', attempt: 1, idempotencyKey: 'key' },
  signal: new AbortController().signal,
  throwIfCancelled: () => undefined,
  progress: () => undefined,
  emit: async () => undefined,
  log: () => undefined,
  counter: { add: (by = 1) => by, value: 0, total: 0 },
  scratch: (_key, make) => make(),
  artifacts: { open: none, write: none },
}

function open(overrides: Partial<PlainTask> = {}) {
  const inputs: unknown[] = []
  const task: PlainTask = {
    name: 'double',
    description: 'Doubles a number.',
    input: z.object({ n: z.int32().default(4) }),
    output: z.object({ doubled: z.int32() }),
    run: (input) => {
      inputs.push(input)
      return { doubled: 8, more: 'than is asked for' }
    },
    ...overrides,
  }
  return { task, inputs }
}

const finish = async (): Promise<void> => undefined

describe('the outcome of a task', () => {
  it('is its output as the schema has it, of an input with its defaults filled in', async () => {
    const { task, inputs } = open()
    expect(await outcomeOf(task, {}, context, finish)).toEqual({ type: 'succeeded', json: '{"doubled":8}' })
    expect(inputs).toEqual([{ n: 4 }])
  })

  it('is not sought where the job was stopped before it began', async () => {
    const { task, inputs } = open()
    const throwIfCancelled = (): never => {
      throw new Error('The job is to stop.')
    }
    expect(await outcomeOf(task, {}, { ...context, throwIfCancelled }, finish)).toEqual({
      type: 'failed',
      code: 'TASK_ERROR',
      message: 'The job is to stop.',
    })
    expect(inputs).toEqual([])
  })

  it('takes schemas that check and change asynchronously', async () => {
    const { task } = open({
      input: z.object({ n: z.int32().refine(async (n) => n > 0, 'must be positive') }),
      output: z.object({ doubled: z.int32().transform(async (n) => `${n}!`) }),
    })
    expect(await outcomeOf(task, { n: 1 }, context, finish)).toEqual({ type: 'succeeded', json: '{"doubled":"8!"}' })
    expect(await outcomeOf(task, { n: 0 }, context, finish)).toMatchObject({
      message: 'The input is not valid. n: must be positive.',
    })
  })

  it('tells what is wrong with one full stop, whether or not the task wrote it', async () => {
    for (const [rule, told] of [
      ['Must be positive.', 'Must be positive.'],
      ['Must be positive', 'Must be positive.'],
      ['Is that all?', 'Is that all?'],
    ]) {
      const { task } = open({ input: z.object({ n: z.int32().min(1, rule) }) })
      expect(await outcomeOf(task, { n: 0 }, context, finish)).toMatchObject({
        message: `The input is not valid. n: ${told}`,
      })
    }
  })

  it('is a failure when what must happen before the end fails', async () => {
    const { task } = open()
    const failing = () => Promise.reject(new Error('A partial result was wrong.'))
    expect(await outcomeOf(task, {}, context, failing)).toEqual({
      type: 'failed',
      code: 'TASK_ERROR',
      message: 'A partial result was wrong.',
    })
  })

  it('lists what is wrong with an output, up to a point', async () => {
    const fields = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`f${index}`, z.boolean()]))
    const { task } = open({ output: z.object(fields) })
    const outcome = await outcomeOf(task, {}, context, finish)
    expect(outcome).toMatchObject({ type: 'failed', code: 'INVALID_OUTPUT' })
    expect(outcome.type === 'failed' && outcome.message).toMatch(
      /^The output does not fit the task's schema\. f0: .*expected boolean, received undefined\. f1: .* f4: .*\. \(and 2 more\)$/,
    )
  })
})

describe('defineTask', () => {
  it('returns the task as it is', () => {
    const { task } = open()
    expect(defineTask(task)).toBe(task)
  })
})
