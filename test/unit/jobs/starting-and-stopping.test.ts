import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { done, fakePool, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { isIn, never, submit } from './mill-steps.ts'
import { openTestMill } from '../../support/open-test-mill.ts'

describe('starting', () => {
  it('alone on the store takes back at once what a predecessor was running', async () => {
    await using mill = await openTestMill()
    const before = fakePool({ double: never }, 1)
    // A process that was killed: it neither stops nor finishes, and its lease is still good.
    const dead = await mill.addNode(before, { times: { leaseMs: 60_000, renewMs: 30_000 } })
    await dead.start()
    const { id } = await submit(mill)
    await eventually(() => before.requests.length === 1)
    const node = await mill.addNode(fakePool({}), { exclusive: true, sweepMs: 60_000 })
    await node.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 1, fence: 2, nodeId: node.nodeId })
    expect(await mill.attempts(id)).toMatchObject([
      { outcome: 'LOST', error: { code: 'CRASHED', message: 'Its process went away.' } },
      { outcome: 'SUCCEEDED' },
    ])
  })

  it('runs what was entered while nobody was there', async () => {
    await using mill = await openTestMill()
    const jobs = await Promise.all(Array.from({ length: 5 }, () => submit(mill)))
    const pool = fakePool({})
    const node = await mill.addNode(pool)
    await node.start()
    await eventually(() => pool.requests.length === jobs.length)
  })

  it('makes what was scheduled for now QUEUED', async () => {
    await using mill = await openTestMill()
    const { id } = await submit(mill)
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['QUEUED'] }, { state: 'SCHEDULED', runAt: 1 }))
    const node = await mill.addNode(fakePool({}))
    await node.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.story(id)).toEqual(['QUEUED', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
  })
})

describe('stopping', () => {
  it('lets what runs finish within the time given, and claims no more', async () => {
    await using mill = await openTestMill()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const stopping = node.stop(10_000)
    const late = await submit(mill)
    resolve(done)
    await stopping
    expect((await mill.job(id)).state).toBe('SUCCEEDED')
    expect((await mill.job(late.id)).state).toBe('QUEUED')
    expect(pool.requests).toHaveLength(1)
  })

  it('hands the rest back, which uses up neither an attempt nor a loss, and takes the node out', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({
      double: (_request, listener) => (
        listener.progress({ fraction: 0.5, message: null }),
        never(_request, listener, new AbortController().signal)
      ),
    })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    await node.stop(20)
    expect(await mill.job(id)).toMatchObject({
      state: 'QUEUED',
      attempts: 0,
      losses: 0,
      nodeId: null,
      startedAt: null,
      progress: null,
      fence: 1,
    })
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'HANDED_BACK', error: null }])
    const next = await mill.addNode(fakePool({}))
    await next.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ fence: 2, losses: 0 })
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', '50 %', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
  })

  it('ends CANCELLED what was asked to stop meanwhile', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: never })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    await mill.store.write(({ ledger }) => ledger.update(id, { states: ['RUNNING'] }, { cancelRequestedAt: 1 }))
    await node.stop(0)
    expect((await mill.job(id)).state).toBe('CANCELLED')
  })

  it('can be done twice, or before the start', async () => {
    await using mill = await openTestMill()
    const unstarted = await mill.addNode(fakePool({}))
    await unstarted.stop(0)
    await unstarted.stop(0)
    const pool = fakePool({})
    const node = await mill.addNode(pool)
    await node.start()
    await Promise.all([node.stop(0), node.stop(0)])
    const { id } = await submit(mill)
    expect((await mill.job(id)).state).toBe('QUEUED')
    expect(pool.requests).toEqual([])
  })

  it('hands back what a claim brings that was under way', async () => {
    await using mill = await openTestMill()
    const pool = fakePool({ double: never })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await submit(mill)
    await node.stop(0)
    expect((await mill.job(id)).state).toBe('QUEUED')
    expect(await mill.store.read(({ ledger }) => ledger.runningOn(node.nodeId))).toEqual([])
  })

  it('does not fail when the store does', async () => {
    await using mill = await openTestMill()
    const broken = await mill.openStore()
    const node = await mill.addNode(fakePool({}), { store: broken })
    await node.start()
    broken.fails = true
    await node.stop(0)
    expect(mill.logger.lines.at(-1)?.message).toBe('The node could not be taken out; its lease will run out.')
  })
})
