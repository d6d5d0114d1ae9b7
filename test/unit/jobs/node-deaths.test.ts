import { describe, expect, it } from 'vitest'
import type { ScriptedOutcome } from '../../support/fake-pool.ts'
import { clearNodes, declareDead } from '../../../src/services/jobs/declare-dead.ts'
import { startSweeper } from '../../../src/services/jobs/sweeper.ts'
import { Refusal } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/ports/store.ts'
import { eventually } from '../../support/eventually.ts'
import { done, fakePool } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { isIn, never, submit } from './mill-steps.ts'

/** So long that nothing in a test comes of it. */
const hour = 3_600_000
const goodForLong = { leaseMs: hour, renewMs: hour }

/** A node that was killed with so many jobs running: it neither stops nor finishes, and its lease is still good. */
async function addDead(mill: TestMill, jobs: number) {
  const pool = fakePool({ double: never }, jobs)
  const node = await mill.addNode(pool, { times: goodForLong, sweepMs: hour, store: await mill.openStore() })
  await node.start()
  const entered = await Promise.all(Array.from({ length: jobs }, () => submit(mill)))
  await eventually(() => pool.requests.length === jobs)
  return { nodeId: node.nodeId, ids: entered.map(({ id }) => id) }
}

/** One that looks for orphans only when it is told to. */
async function addHealthy(mill: TestMill, threads = 2) {
  const pool = fakePool({}, threads)
  const node = await mill.addNode(pool, { sweepMs: hour, store: await mill.openStore() })
  await node.start()
  return { pool, node }
}

describe('a node that is declared dead', () => {
  it('loses its jobs to another one at once, although its lease is good', async () => {
    await using mill = await openTestMill()
    const dead = await addDead(mill, 1)
    const [id = ''] = dead.ids
    const { node } = await addHealthy(mill)
    expect(await mill.job(id)).toMatchObject({ state: 'RUNNING', nodeId: dead.nodeId })
    await declareDead(mill, dead.nodeId)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ fence: 2, losses: 1, nodeId: node.nodeId })
  })

  it('is declared so again while the store refuses it', async () => {
    await using mill = await openTestMill()
    const dead = await addDead(mill, 1)
    const [id = ''] = dead.ids
    await addHealthy(mill)
    let refusals = 0
    const write: Store['write'] = (work) =>
      (refusals += 1) <= 3 ? Promise.reject(new Refusal('OVERLOADED', 'It is busy.')) : mill.store.write(work)
    await declareDead({ store: { ...mill.store, write }, bus: mill.bus }, dead.nodeId)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
  })

  it('loses each of them once, however many nodes hear of it and however often', async () => {
    await using mill = await openTestMill()
    const dead = await addDead(mill, 150)
    const healthy = [await addHealthy(mill), await addHealthy(mill), await addHealthy(mill)]
    await Promise.all([declareDead(mill, dead.nodeId), declareDead(mill, dead.nodeId)])
    await declareDead(mill, dead.nodeId)
    const states = () => Promise.all(dead.ids.map(async (id) => (await mill.job(id)).state))
    await eventually(async () => (await states()).every((state) => state === 'SUCCEEDED'))
    for (const id of dead.ids) {
      expect(await mill.job(id)).toMatchObject({ fence: 2, losses: 1 })
      expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'SUCCEEDED.'])
    }
    const ran = healthy.flatMap(({ pool }) => pool.requests.map(({ job }) => job.id))
    expect(ran.toSorted()).toEqual(dead.ids.toSorted())
  })

  it('loses them when its lease has run out where nobody declares it', async () => {
    await using mill = await openTestMill()
    const dead = await addDead(mill, 1)
    const [id = ''] = dead.ids
    await mill.sweep()
    expect((await mill.job(id)).nodeId).toBe(dead.nodeId)
    await mill.store.write(({ nodes }) => nodes.renew(dead.nodeId, -1))
    // Who has just come cannot tell whether the store is to blame for that.
    await addHealthy(mill)
    expect((await mill.job(id)).nodeId).toBe(dead.nodeId)
    const times = { leaseMs: 600, renewMs: 100 }
    const node = await mill.addNode(fakePool({}), { times, sweepMs: 10 })
    await node.start()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 1 })
  })

  it('as all nodes of an earlier start are together, loses its jobs to the first one that starts', async () => {
    await using mill = await openTestMill()
    const first = await addDead(mill, 2)
    const second = await addDead(mill, 2)
    await clearNodes(mill.store)
    await addHealthy(mill)
    for (const id of [...first.ids, ...second.ids]) await eventually(isIn(mill, id, 'SUCCEEDED'))
  })
})

describe('a node that leaves', () => {
  it('leaves what will not stop to others at once', async () => {
    await using mill = await openTestMill()
    const stuck = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => stuck.promise }, 1)
    const node = await mill.addNode(pool, { sweepMs: hour })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    await addHealthy(mill)
    await node.stop(0)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    stuck.resolve(done)
  })
})

describe('a sweep that is asked for while one is under way', () => {
  it('follows it at once', async () => {
    await using mill = await openTestMill()
    const { store, clock, logger } = mill
    const first = Promise.withResolvers<void>()
    let looks = 0
    await using sweeper = startSweeper({
      store,
      clock,
      clearer: { clear() {} },
      logger,
      nodeId: 'node_1',
      isSteady: () => true,
      everyMs: hour,
      found() {},
      lookAround: () => ((looks += 1) === 1 ? first.promise : Promise.resolve()),
    })
    sweeper.sweepNow()
    await eventually(() => looks === 1)
    sweeper.sweepNow()
    first.resolve()
    await eventually(() => looks === 2)
  })
})
