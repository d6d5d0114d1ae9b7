import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/ports/store.ts'
import { keepNodeLease, type LeaseTimes } from '../../../src/services/jobs/node-lease.ts'
import { eventually } from '../../support/eventually.ts'
import { done, fakePool, type ScriptedOutcome } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { openTestPool, until } from '../../workers/open-test-pool.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { somebody } from '../../support/principals.ts'
import { isIn, submit } from './mill-steps.ts'

/** Keeps the event loop from going on for so many ms. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** A store that writes down for how long leases are taken, and may be held up. */
function noting(store: Store, leases: number[], held: () => Promise<unknown> = async () => {}): Store {
  return {
    ...store,
    async write(work) {
      await held()
      return store.write((records) => {
        const { nodes } = records
        const renew: typeof nodes.renew = (nodeId, leaseMs, tasks) => {
          leases.push(leaseMs)
          return nodes.renew(nodeId, leaseMs, tasks)
        }
        return work({ ...records, nodes: { ...nodes, renew } })
      })
    },
  }
}

const hour: LeaseTimes = { leaseMs: 6_000_000, renewMs: 3_600_000 }

function keep({ logger }: TestMill, store: Store, times: LeaseTimes) {
  const losses: string[] = []
  const parts = { store, nodeId: 'node_1', logger, times, tasksNow: () => new Map<string, string>() }
  const lost = (cause: string) => void losses.push(cause)
  return { losses, lease: keepNodeLease({ ...parts, renewed: async () => undefined, lost }) }
}

describe('a standstill that is announced', () => {
  it('costs no job: the lease outlives it, for this node and for all others', async () => {
    await using mill = await openTestMill()
    const other = await mill.openStore()
    const { promise, resolve } = Promise.withResolvers<ScriptedOutcome>()
    const pool = fakePool({ double: () => promise })
    const node = await mill.addNode(pool, { times: { leaseMs: 600, renewMs: 100 }, pollMs: 50 })
    await node.start()
    const { id } = await submit(mill)
    await eventually(() => pool.requests.length === 1)
    const isOver = await node.pause(60_000)
    block(1_500)
    const live = await other.read(({ nodes }) => nodes.live())
    expect(live.map((each) => each.id)).toEqual([node.nodeId])
    expect(await mill.sweep()).toBe(0)
    isOver()
    resolve(done)
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 0, fence: 1 })
    expect(mill.logger.lines.filter(({ fields }) => 'cause' in fields)).toEqual([])
  })

  it('lets a job go on in its thread', async () => {
    await using pool = await openTestPool({ threads: 1 })
    const tasks = await pool.describe()
    await using mill = await openTestMill({ tasks })
    const times = { leaseMs: 600, renewMs: 100 }
    const node = await mill.addNode(pool, { times, pollMs: 50, tasks: createTaskCatalogue(tasks) })
    await node.start()
    const { id } = await submitCounting(mill)
    await until(() => pool.statistics().busy === 1)
    const isOver = await node.pause(60_000)
    block(1_500)
    isOver()
    await eventually(isIn(mill, id, 'SUCCEEDED'))
    expect(await mill.job(id)).toMatchObject({ losses: 0, fence: 1 })
    expect(await mill.attempts(id)).toMatchObject([{ outcome: 'SUCCEEDED', nodeId: node.nodeId }])
  }, 20_000)

  it('takes the lease for as much longer, at most 10 minutes, and for as long as ever once it is over', async () => {
    await using mill = await openTestMill()
    const leases: number[] = []
    const { lease } = keep(mill, noting(mill.store, leases), hour)
    await using _ = lease
    const first = await lease.pause(60_000)
    const second = await lease.pause(7_200_000)
    second()
    // The first goes on.
    await eventually(() => leases.length === 3)
    first()
    await eventually(() => leases.length === 4)
    const longer = leases.map((leaseMs) => Math.ceil((leaseMs - hour.leaseMs) / 60_000))
    expect(longer).toEqual([1, 10, 1, 0])
  })

  it('is as long as the process says, and no job is to blame where it is longer', async () => {
    await using mill = await openTestMill()
    const { lease, losses } = keep(mill, mill.store, { leaseMs: 600, renewMs: 100 })
    await using _ = lease
    const isOver = await lease.pause(10)
    block(1_500)
    await eventually(() => losses.length > 0)
    isOver()
    expect(losses).toEqual(['notRenewed'])
    await eventually(() => lease.held)
  })

  it('does not wait for long for a store that does not answer', async () => {
    await using mill = await openTestMill()
    const open = Promise.withResolvers<void>()
    const leases: number[] = []
    const { lease } = keep(
      mill,
      noting(mill.store, leases, () => open.promise),
      hour,
    )
    await using _ = lease
    const isOver = await lease.pause(60_000)
    expect(leases).toEqual([])
    isOver()
    open.resolve()
    // What was asked for during the pause does not come after what ends it.
    await eventually(() => leases.length === 2)
    expect(leases.at(-1)).toBe(hour.leaseMs)
  })

  it('is nothing to a runner that has not begun', async () => {
    await using mill = await openTestMill()
    const node = await mill.addNode(fakePool({}))
    expect(await node.pause(1_000)).toBeTypeOf('function')
    expect(await mill.store.read(({ nodes }) => nodes.live())).toEqual([])
  })
})

function submitCounting(mill: TestMill) {
  return mill.jobs.submit(somebody(), 'countUp', { ms: 2_000, total: 10 }, {})
}
