import { describe, expect, it } from 'vitest'
import { createTurns } from '../../src/core/turns.ts'
import type { Turns } from '../../src/ports/turns.ts'
import { eventually } from '../support/eventually.ts'
import { openSharingCluster } from '../support/sharing-cluster.ts'

/** Every way to take turns, in two processes of one store. */
const kinds: readonly {
  readonly name: string
  open(): { readonly ends: readonly [Turns, Turns] } & AsyncDisposable
}[] = [
  {
    name: 'the turns of a process',
    open() {
      const turns = createTurns()
      return { ends: [turns, turns], [Symbol.asyncDispose]: async () => undefined }
    },
  },
  {
    name: 'the turns of members that their primary gives',
    open() {
      const cluster = openSharingCluster()
      return {
        ends: [cluster.join().turns, cluster.join().turns],
        [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
      }
    },
  },
]

describe.each(kinds)('$name', ({ open }) => {
  it('let works of one key run one after another, also after one that fails, and others at once', async () => {
    await using opened = open()
    const [here, there] = opened.ends
    const story: string[] = []
    const gate = Promise.withResolvers<undefined>()
    const first = here('a', async () => {
      story.push('a1 begins')
      await gate.promise
      story.push('a1 fails')
      throw new Error('a1')
    })
    await eventually(() => story.length === 1)
    const second = there('a', async () => story.push('a2'))
    await there('b', async () => story.push('b'))
    await here('c', async () => story.push('c'))
    expect(story).toEqual(['a1 begins', 'b', 'c'])
    gate.resolve(undefined)
    await expect(first).rejects.toThrow('a1')
    await second
    expect(await here('a', async () => 'answer')).toBe('answer')
    expect(story).toEqual(['a1 begins', 'b', 'c', 'a1 fails', 'a2'])
  })

  it('never let two works of one key run at once, and let all of them run', async () => {
    await using opened = open()
    let running = 0
    let most = 0
    let ran = 0
    const work = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      ran += 1
    }
    await Promise.all(opened.ends.flatMap((turns) => Array.from({ length: 20 }, () => turns('k', work))))
    expect([most, ran, running]).toEqual([1, 40, 0])
  })

  it('keep the order in which one process asked', async () => {
    await using opened = open()
    const [here] = opened.ends
    const story: number[] = []
    await Promise.all([1, 2, 3, 4, 5].map((n) => here('k', async () => story.push(n))))
    expect(story).toEqual([1, 2, 3, 4, 5])
  })

  it('go on after a work that throws before it waits for anything', async () => {
    await using opened = open()
    const [here, there] = opened.ends
    const broken = () => {
      throw new Error('at once')
    }
    await expect(here('k', broken)).rejects.toThrow('at once')
    expect(await there('k', async () => 'next')).toBe('next')
  })
})
