import { describe, expect, it } from 'vitest'
import { createFanOut } from '../../../../../src/server/streams/groups/fan-out.ts'
import { createFrameCaches } from '../../../../../src/server/streams/groups/frame-cache.ts'
import { createGroups } from '../../../../../src/server/streams/groups/groups.ts'

const event = (offset: number) => ({ epoch: 'epoch1234', offset, body: {}, last: false })

describe('groups', () => {
  it('are the same for the same key, executed in the way of who came first', () => {
    const groups = createGroups({ caches: createFrameCaches(), fanOut: createFanOut() })
    const made: string[] = []
    const executing = (name: string) => () => {
      made.push(name)
      return () => ({ text: `{"data":"${name}"}`, failed: false })
    }
    const one = groups.acquire('a', executing('first'))
    expect(groups.acquire('a', executing('second'))).toBe(one)
    expect(groups.acquire('b', executing('third'))).not.toBe(one)
    expect(made).toEqual(['first', 'third'])
    expect(groups.size).toBe(2)
  })

  it('without subscribers are kept for whoever comes back, a bounded number of them', () => {
    const caches = createFrameCaches()
    const groups = createGroups({ caches, fanOut: createFanOut() })
    const execute = () => () => ({ text: '{"data":null}', failed: false })
    const first = groups.acquire('0', execute)
    void first.frameOf(event(1))
    const size = caches.bytes
    groups.release('0')
    expect(groups.size).toBe(0)
    expect(groups.acquire('0', execute)).toBe(first)
    groups.release('0')
    for (let key = 1; key <= 300; key += 1) {
      void groups.acquire(String(key), execute).frameOf(event(1))
      groups.release(String(key))
    }
    expect(groups.size).toBe(0)
    expect(caches.bytes).toBe(256 * size)
    expect(groups.acquire('0', execute)).not.toBe(first)
    // One that was given out again is in nobody's way.
    groups.release('0')
    groups.release('0')
    expect(groups.size).toBe(0)
  })
})
