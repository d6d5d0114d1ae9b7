import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/core/job.ts'
import { claimJobs } from '../../../src/services/jobs/claim-jobs.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { settleAttempt } from '../../../src/services/jobs/settle-attempt.ts'
import { writeJobs } from '../../../src/services/jobs/write-jobs.ts'
import { createAdmission } from '../../../src/services/operations/shedding/admission.ts'
import { createThreadWaits } from '../../../src/services/operations/shedding/thread-waits.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

const second = 1_000
const minute = 60 * second
const tasks = [describeTask('double'), describeTask('alone', { concurrency: 1 })]

/** A process of two threads that takes a job only when a test says that a thread is free, and refuses by waits of more than a minute. */
async function openProcess() {
  const clock = fakeClock()
  let waits = createThreadWaits({ clock, now: clock.now })
  const queue = () => ({ sensor: 'queue age' as const, value: waits.read(), limit: minute })
  const none = { value: 0, reason: null, over: [] }
  const admission = createAdmission({ isOn: true, pressure: none, queue, threads: 2 })
  const mill = await openTestMill({ clock, tasks, admission })
  let knows = mill.tasks
  return {
    clock,
    mill,
    waits: () => waits.read(),
    /** The threads are free for so many jobs. */
    take: (room: number) =>
      claimJobs({ ...mill, tasks: knows, nodeId: 'node_1', threadWaits: waits, homes: homesOf(knows) })(room),
    end: (jobs: readonly Job[]) =>
      writeJobs(mill.store, async (records) => {
        for (const job of jobs) await settleAttempt(records, job, { type: 'stopped' }, { at: clock.now() })
      }),
    startAgain: () => void (waits = createThreadWaits({ clock, now: clock.now })),
    know: (...names: readonly string[]) => void (knows = createTaskCatalogue(names.map((name) => describeTask(name)))),
    [Symbol.asyncDispose]: () => mill[Symbol.asyncDispose](),
  }
}

function homesOf({ tasks: known }: { readonly tasks: readonly { readonly name: string }[] }) {
  return { claimable: () => new Map(known.map(({ name }) => [name, []])) }
}

const mallory = somebody()
const bob = somebody()

describe('how long jobs wait for threads', () => {
  it('is the least of what was claimed lately, while there is no thread to spare', async () => {
    await using process = await openProcess()
    const { mill, clock, take, waits } = process
    for (let i = 0; i < 6; i += 1) await mill.jobs.submit(mallory, 'double', {})
    expect(waits()).toBe(0)
    clock.advance(100 * second)
    await take(1)
    clock.advance(20 * second)
    await take(1)
    expect(waits()).toBe(100 * second)
    clock.advance(50 * second)
    await take(1)
    expect(waits()).toBe(120 * second)
    // Long jobs: none is claimed for a while, and the rest waits on.
    clock.advance(60 * minute)
    expect(waits()).toBe(170 * second)
    await take(4)
    expect(waits()).toBe(0)
  })

  it('refuses new jobs to who has several, and to nobody else', async () => {
    await using process = await openProcess()
    const { mill, clock, take } = process
    for (let i = 0; i < 6; i += 1) await mill.jobs.submit(mallory, 'double', {})
    clock.advance(2 * minute)
    await take(1)
    const refusal = { code: 'OVERLOADED', status: 503 }
    await expect(mill.jobs.submit(mallory, 'double', {})).rejects.toMatchObject(refusal)
    for (let i = 0; i < 2; i += 1) await mill.jobs.submit(bob, 'double', {})
    await expect(mill.jobs.submit(bob, 'double', {})).rejects.toMatchObject(refusal)
    const [job] = await take(6)
    if (job === undefined) throw new Error('No job was claimed.')
    await mill.jobs.submit(bob, 'double', {})
  })

  it('is none where jobs wait for others of their task, or for a process that has it', async () => {
    await using process = await openProcess()
    const { mill, clock, take, end, waits, know } = process
    for (let i = 0; i < 5; i += 1) await mill.jobs.submit(mallory, 'alone', {})
    let running = await take(2)
    for (let i = 0; i < 2; i += 1) {
      clock.advance(10 * minute)
      await end(running)
      running = await take(2)
      expect(running).toHaveLength(1)
      expect(waits()).toBe(0)
      await mill.jobs.submit(mallory, 'double', {}, { delayMs: 86_400_000 })
    }
    know('double')
    for (let i = 0; i < 3; i += 1) await mill.jobs.submit(bob, 'alone', {})
    clock.advance(60 * minute)
    expect(await take(2)).toEqual([])
    expect(waits()).toBe(0)
    // From now on it has it, and threads are short: only what they wait since then counts.
    know('alone')
    clock.advance(5 * second)
    expect(await take(1)).toHaveLength(1)
    clock.advance(2 * minute)
    expect(await take(1)).toHaveLength(1)
    clock.advance(2 * minute)
    expect(waits()).toBe(125 * second)
  })

  it('does not count from before the process, nor for what came back from a thread', async () => {
    await using process = await openProcess()
    const { mill, clock, take, waits, startAgain } = process
    for (let i = 0; i < 4; i += 1) await mill.jobs.submit(mallory, 'double', {})
    const [job] = await take(1)
    if (job === undefined) throw new Error('No job was claimed.')
    clock.advance(60 * minute)
    startAgain()
    await writeJobs(mill.store, (records) => settleAttempt(records, job, { type: 'handedBack' }, { at: clock.now() }))
    clock.advance(10 * second)
    // The one that came back is the first in turn.
    expect(await take(1)).toMatchObject([{ id: job.id }])
    expect(waits()).toBe(0)
    await take(1)
    expect(waits()).toBe(10 * second)
  })
})
