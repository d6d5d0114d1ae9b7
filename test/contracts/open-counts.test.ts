import { describe, expect, it } from 'vitest'
import { localOpenCounts } from '../../src/adapters/local/local-open-counts.ts'
import type { OpenCounts } from '../../src/ports/open-counts.ts'
import { openSharingCluster } from '../support/sharing-cluster.ts'
import { eventually } from '../support/eventually.ts'

/** Every way to count, in two processes of one store. */
const kinds: readonly { readonly name: string; open(): { readonly ends: readonly OpenCounts[] } & AsyncDisposable }[] =
  [
    {
      name: 'the counts of a process',
      open() {
        const counts = localOpenCounts()
        return { ends: [counts, counts], [Symbol.asyncDispose]: async () => undefined }
      },
    },
    {
      name: 'the counts of members in their primary',
      open() {
        const cluster = openSharingCluster()
        return {
          ends: [cluster.join().counts, cluster.join().counts],
          [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
        }
      },
    },
  ]

const place = (key: string, limit: number) => ({ key, limit })

describe.each(kinds)('$name', ({ open }) => {
  it('let in as many as there may be at once, from both processes, and name the place that is full', async () => {
    await using opened = open()
    const enterings = opened.ends.flatMap((end) => Array.from({ length: 100 }, () => end.enter([place('k', 7)])))
    const entries = await Promise.all(enterings)
    expect(entries.filter((entry) => 'leave' in entry)).toHaveLength(7)
    const full = entries.flatMap((entry) => ('full' in entry ? [entry.full] : []))
    expect(full).toEqual(Array.from({ length: 193 }, () => place('k', 7)))
  })

  it('take a place under each key or under none', async () => {
    await using opened = open()
    const [here, there] = opened.ends
    await here?.enter([place('b', 1)])
    expect(await there?.enter([place('a', 1), place('b', 1), place('c', 1)])).toEqual({ full: place('b', 1) })
    expect(await there?.enter([place('a', 1), place('c', 1)])).toHaveProperty('leave')
  })

  it('give a place back once, however often it is left', async () => {
    await using opened = open()
    const [here, there] = opened.ends
    const entries = [await here?.enter([place('k', 2)]), await here?.enter([place('k', 2)])]
    expect(await there?.enter([place('k', 2)])).toHaveProperty('full')
    const [first] = entries
    if (first !== undefined && 'leave' in first) {
      first.leave()
      first.leave()
    }
    await eventually(async () => 'leave' in ((await there?.enter([place('k', 2)])) ?? {}))
    expect(await there?.enter([place('k', 2)])).toHaveProperty('full')
  })

  it('count nothing where there is no place to take', async () => {
    await using opened = open()
    expect(await opened.ends[0]?.enter([])).toHaveProperty('leave')
    expect(await opened.ends[0]?.enter([place('k', 0)])).toEqual({ full: place('k', 0) })
  })
})
