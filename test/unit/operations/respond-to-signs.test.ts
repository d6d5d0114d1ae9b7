import { describe, expect, it } from 'vitest'
import type { MemorySign } from '../../../src/core/memory.ts'
import { respondToSigns } from '../../../src/services/operations/respond-to-signs.ts'
import { eventually } from '../../support/eventually.ts'

const high: MemorySign = { kind: 'HEAP_HIGH', threadId: null }
const thread = (threadId: number): MemorySign => ({ kind: 'MEMORY_GROWTH', threadId })

function open() {
  const story: string[] = []
  const taking: PromiseWithResolvers<void>[] = []
  const recycling = { isLeaving: false, over: (kind: string) => void story.push(`over ${kind}`) }
  const takeSnapshot = ({ kind, threadId }: MemorySign) => {
    story.push(`take ${kind} ${threadId}`)
    const one = Promise.withResolvers<void>()
    taking.push(one)
    return one.promise
  }
  const responder = respondToSigns({ takeSnapshot, recycling })
  const taken = async (count: number) => {
    await eventually(() => taking.length === count)
    taking[count - 1]?.resolve()
  }
  return { ...responder, story, taken, recycling }
}

describe('what is done about memory', () => {
  it('is done one after the other, however often it is heard meanwhile, and again while it lasts', async () => {
    const { hear, story, taken } = open()
    for (let times = 0; times < 1_000; times += 1) for (const sign of [high, thread(3), thread(4)]) hear(sign)
    for (const count of [1, 2, 3]) await taken(count)
    await eventually(() => story.length === 6)
    expect(story).toEqual([
      'take HEAP_HIGH null',
      'over HEAP_HIGH',
      'take MEMORY_GROWTH 3',
      'over MEMORY_GROWTH',
      'take MEMORY_GROWTH 4',
      'over MEMORY_GROWTH',
    ])
    await eventually(() => {
      hear(high)
      return story.length === 7
    })
    expect(story.at(-1)).toBe('take HEAP_HIGH null')
  })

  it('is nothing while the process leaves, and goes on where it is still there', async () => {
    const { hear, story, recycling } = open()
    recycling.isLeaving = true
    hear(high)
    await Promise.resolve()
    recycling.isLeaving = false
    await eventually(() => {
      hear(thread(3))
      return story.length > 0
    })
    expect(story).toEqual(['take MEMORY_GROWTH 3'])
  })

  it('is waited for at the end, and nothing is begun any more', async () => {
    const opened = open()
    opened.hear(high)
    opened.hear(thread(3))
    await eventually(() => opened.story.length === 1)
    const ending = opened[Symbol.asyncDispose]()
    opened.hear(thread(4))
    await opened.taken(1)
    await ending
    expect(opened.story).toEqual(['take HEAP_HIGH null'])
  })
})
