import { describe, expect, it } from 'vitest'
import { isMember, readOrder } from '../../../src/cluster/read-order.ts'
import { shareThreads } from '../../../src/cluster/share-threads.ts'

const order = { number: 2, nodeId: 'node_1', threads: 1, port: 4000, opsPort: null, installation: 'ours' }

describe('the order of a member', () => {
  it('is read from the environment', () => {
    const environment = { MILLRACE_MEMBER: JSON.stringify(order) }
    expect(isMember(environment)).toBe(true)
    expect(readOrder(environment)).toEqual(order)
    expect(isMember({})).toBe(false)
  })

  it.each([
    '',
    'yes',
    'null',
    JSON.stringify({ ...order, number: 0 }),
    JSON.stringify({ ...order, port: 65_536 }),
    JSON.stringify({ ...order, opsPort: 'any' }),
    JSON.stringify({ ...order, nodeId: 1 }),
    JSON.stringify({ ...order, installation: undefined }),
  ])('is refused when it is none: %s', (text) => {
    expect(() => readOrder({ MILLRACE_MEMBER: text })).toThrow(
      'MILLRACE_MEMBER is set by the primary of a cluster for its members. Unset it.',
    )
  })
})

describe('the threads of a machine', () => {
  it.each([
    [8, 4, [2, 2, 2, 2]],
    [7, 3, [3, 2, 2]],
    [2, 4, [1, 1, 1, 1]],
  ])('%i are shared out among %i members', (threads, members, shares) => {
    expect(shares.map((_, index) => shareThreads(threads, members, index + 1))).toEqual(shares)
  })
})
