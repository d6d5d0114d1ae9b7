import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRecorder, failure, openTestPool, request, run, runTask, until, type TestPool } from './open-test-pool.ts'

describe('a pool survives a task that', () => {
  let pool: TestPool

  beforeAll(async () => {
    pool = await openTestPool({ heapMb: 48 })
    await pool.describe()
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  const taskError = (message: string) => failure('TASK_ERROR', message)
  const invalid = (message: string) => failure('INVALID_OUTPUT', `The output cannot be kept as JSON. ${message}`)

  const outOfMemory = failure('OUT_OF_MEMORY', 'The task needed more memory than its thread may have.')

  it.each([
    ['throws an error', 'THROW_ERROR', taskError('The reactor is cold.')],
    ['throws a very long message', 'THROW_LONG', taskError(`${'x'.repeat(1_999)}…`)],
    ['throws a text', 'THROW_TEXT', taskError('The task threw a value that is no error: only a text')],
    ['throws what no database takes', 'THROW_NUL', taskError('ab')],
    ['throws undefined', 'THROW_NOTHING', taskError('The task threw a value that is no error: undefined')],
    ['throws a trap', 'THROW_TRAP', taskError('The task threw a value that cannot be read.')],
    ['rejects', 'REJECT', taskError('rejected')],
    ['overflows the stack', 'OVERFLOW', taskError('Maximum call stack size exceeded')],
    ['throws in a timer', 'THROW_IN_TIMER', taskError('thrown by a timer')],
    ['forgets a rejection', 'FORGET_A_REJECTION', taskError('a forgotten promise')],
    [
      'exits the process',
      'EXIT',
      { type: 'lost', message: 'The thread that ran the task ended: worker exited with code: 3' },
    ],
    ['fills its heap', 'FILL_THE_HEAP', outOfMemory],
    ['allocates buffers beyond its heap', 'ALLOCATE_BUFFERS', { type: 'succeeded', output: { value: 30 } }],
    ['asks for a buffer that no machine has', 'ALLOCATE_TOO_MUCH', outOfMemory],
    ['returns a bigint', 'RETURN_A_BIGINT', invalid('Its field "value" is a bigint, which JSON cannot hold.')],
    ['returns a function', 'RETURN_A_FUNCTION', invalid('Its field "value" is a function, which JSON cannot hold.')],
    ['returns NaN', 'RETURN_NAN', invalid('Item 1 of a list in it is NaN, which JSON cannot hold.')],
    ['returns a Map', 'RETURN_A_MAP', invalid('Its field "value" is of the class Map, which JSON cannot hold.')],
    ['returns a cycle', 'RETURN_A_CYCLE', invalid('It refers to itself, which JSON cannot hold.')],
    [
      'returns too much',
      'RETURN_TOO_MUCH',
      failure('INVALID_OUTPUT', 'The output has 1048588 bytes of JSON; at most 1048576 are kept.'),
    ],
  ])('%s', async (_what, way, outcome) => {
    expect(await runTask(pool, 'misbehave', { way })).toEqual(outcome)
    expect(await runTask(pool, 'speak', {})).toMatchObject({ type: 'succeeded' })
  })

  it.each([
    ['leaves an interval behind', 'LEAVE_AN_INTERVAL'],
    ['leaves one behind, and overwrites timers and the exit', 'OVERWRITE_GLOBALS'],
  ])('%s: its thread is replaced, so that nothing runs on beside the next task', async (_what, way) => {
    const answer = { type: 'succeeded', output: { value: 1 } }
    expect(await runTask(pool, 'misbehave', { way })).toEqual(answer)
    const counts = await Promise.all([1, 2].map(() => runTask(pool, 'misbehave', { way: 'COUNT_TIMERS' })))
    expect(counts).toEqual([1, 2].map(() => ({ type: 'succeeded', output: { value: 0 } })))
  })

  it.each([
    ['OVERWRITE_POST_MESSAGE', "Cannot assign to read only property 'postMessage' of object '#<MessagePort>'"],
    ['OVERWRITE_ATOMICS', "Cannot assign to read only property 'add' of object '#<Object>'"],
  ])('tries to cut the line to the main thread: %s', async (way, message) => {
    expect(await runTask(pool, 'misbehave', { way })).toEqual(taskError(message))
  })

  it('posts what the main thread does not expect', async () => {
    await using single = await openTestPool({ threads: 1 })
    expect(await runTask(single, 'misbehave', { way: 'FORGE_MESSAGES' })).toMatchObject({ type: 'succeeded' })
    await until(() => single.lines.length > 0)
    expect(single.lines).toEqual([
      {
        level: 'warn',
        fields: { job: null },
        message: `A task failed after its attempt had ended: ${'x'.repeat(1_999)}…`,
      },
    ])
  })

  it('fails when its attempt is over: it is logged, and the next attempt on the thread does not suffer', async () => {
    await using single = await openTestPool({ threads: 1 })
    const late = {
      level: 'warn',
      fields: { job: 'job_test' },
      message: "A task failed after its attempt had ended: ENOENT: no such file or directory, open '/no/such/file'",
    }
    expect(await runTask(single, 'misbehave', { way: 'LEAVE_A_LATE_ERROR' })).toMatchObject({ type: 'succeeded' })
    // The thread is idle: what it has left to do, it does all the same.
    await until(() => single.lines.length === 1)

    expect(await runTask(single, 'misbehave', { way: 'LEAVE_A_LATE_ERROR' })).toMatchObject({ type: 'succeeded' })
    const controller = new AbortController()
    const recorder = createRecorder()
    const next = run(single, request('spin', { listen: 'SIGNAL' }), recorder, controller.signal)
    await until(() => single.lines.length === 2 && recorder.said.length === 1)
    controller.abort()
    expect(await next).toEqual({ type: 'cancelled' })
    expect(recorder.said.at(-1)).toEqual({ type: 'log', level: 'info', text: 'signalled' })
    expect(single.lines).toEqual([late, late])
  })

  it('is cut off by the end of the process while another attempt runs: only that one is lost', async () => {
    const controller = new AbortController()
    const recorder = createRecorder()
    const other = run(pool, request('spin', { listen: 'SIGNAL' }), recorder, controller.signal)
    await until(() => recorder.said.length === 1)
    expect(await runTask(pool, 'misbehave', { way: 'EXIT' })).toMatchObject({ type: 'lost' })
    controller.abort()
    expect(await other).toEqual({ type: 'cancelled' })
    expect(recorder.said).toHaveLength(2)
  })
})
