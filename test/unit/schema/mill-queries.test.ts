import { describe, expect, it } from 'vitest'
import { createSchema } from '../../../src/schema/index.ts'
import type { PoolStatusReader } from '../../../src/services/jobs/pool-status.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, principal } from './fake-context.ts'
import { runOperation } from './run-operation.ts'

const task = describeTask()
const { schema } = createSchema([task])

describe('tasks', () => {
  const limited = {
    ...task,
    timeoutMs: 86_400_000_000,
    retries: { attempts: 3, baseMs: 1000, capMs: 300_000 },
    memoizeForMs: 30 * 86_400_000,
    heapMb: 256,
    concurrency: 2,
    sharded: true,
  }

  it('are listed with their schemas', async () => {
    const context = fakeContext({ tasks: { tasks: [task] } })
    const source = '{ tasks { name description version mutation inputSchema outputSchema partialSchema } }'
    expect(await runOperation(schema, source, context)).toEqual({
      data: {
        tasks: [
          {
            name: 'countWords',
            description: 'Counts words.',
            version: '1',
            mutation: 'countWords',
            inputSchema: task.inputSchema,
            outputSchema: task.outputSchema,
            partialSchema: null,
          },
        ],
      },
    })
  })

  it('are listed with their limits', async () => {
    const context = fakeContext({ tasks: { tasks: [task, limited] } })
    const source = '{ tasks { timeoutMs retries { attempts baseMs capMs } memoizeForMs heapMb concurrency sharded } }'
    expect(await runOperation(schema, source, context)).toEqual({
      data: {
        tasks: [
          {
            timeoutMs: null,
            retries: { attempts: 1, baseMs: 1000, capMs: 300_000 },
            memoizeForMs: null,
            heapMb: null,
            concurrency: null,
            sharded: false,
          },
          {
            timeoutMs: 86_400_000_000,
            retries: { attempts: 3, baseMs: 1000, capMs: 300_000 },
            memoizeForMs: 2_592_000_000,
            heapMb: 256,
            concurrency: 2,
            sharded: true,
          },
        ],
      },
    })
  })
})

describe('poolStatus', () => {
  it('tells what the threads are doing', async () => {
    const spread = { count: 3_000_000_000, mean: 1.5, p50: 1, p95: 2, p99: 2.5, max: 9 }
    const none = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }
    const status = {
      nodeId: 'node_1',
      threads: 4,
      busy: 2,
      zombies: 1,
      waiting: 3,
      queued: 40,
      queue: spread,
      wait: none,
      run: none,
      tasks: [{ task: 'countWords', running: 2, run: spread }],
    }
    const askers: unknown[] = []
    const read: PoolStatusReader['read'] = (asker) => {
      askers.push(asker)
      return Promise.resolve({ ...status, up: 4 })
    }
    const distribution = '{ count mean p50 p95 p99 max }'
    const source = `{ poolStatus { nodeId threads busy zombies waiting queued queue ${distribution} wait ${distribution}
      run ${distribution} tasks { task running run ${distribution} } } }`
    expect(await runOperation(schema, source, fakeContext({ pool: { read } }))).toEqual({
      data: { poolStatus: status },
    })
    expect(askers).toEqual([principal])
  })
})
