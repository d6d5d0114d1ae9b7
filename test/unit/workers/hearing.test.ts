import { describe, expect, it } from 'vitest'
import type { AttemptListener } from '../../../src/ports/compute-pool.ts'
import { addToCount, createControl, setTotal } from '../../../src/workers/control.ts'
import type { ToThread } from '../../../src/workers/messages.ts'
import { Hearing, type Speaker } from '../../../src/workers/pool/hearing.ts'

function openHearing(overrides: Partial<AttemptListener> = {}) {
  const said: string[] = []
  const removed: string[] = []
  const refusals: unknown[] = []
  const control = createControl()
  const hearing = new Hearing({
    control,
    listener: {
      progress: ({ fraction, message }) => void said.push(`${Math.round(fraction * 100)} % ${message}`),
      partial: async (data) => void said.push(JSON.stringify(data)),
      log: (_level, text) => void said.push(text),
      file: async ({ fileName }) => `art_${fileName}`,
      ...overrides,
    },
    folder: {
      begin: () => void said.push('begin'),
      async hand(path, keep) {
        try {
          return await keep()
        } finally {
          removed.push(path)
        }
      },
    },
    refused: (error) => void refusals.push(error),
  })
  return { hearing, said, removed, refusals, control }
}

function speaker(index: number, part: Speaker['part'] = 'shard'): Speaker & { readonly told: ToThread[] } {
  const told: ToThread[] = []
  return { index, part, told, post: (message) => void told.push(message) }
}

const progress = (fraction: number, message: string | null = null) => ({ type: 'progress', fraction, message }) as const
const log = (text: string) => ({ type: 'log', level: 'info', text }) as const
const file = { type: 'file', file: 7, path: '/files/run-7', fileName: 'a.txt', mediaType: 'text/plain' } as const

describe('what an attempt says', () => {
  it('is the progress of a plain task as it is', () => {
    const { hearing, said } = openHearing()
    hearing.hear(progress(0.25, 'first'), speaker(0, 'run'))
    hearing.hear(progress(0.5, 'second'), speaker(0, 'run'))
    hearing.end()
    expect(said).toEqual(['25 % first', '50 % second'])
  })

  it('is the mean of the shards, with the newest message; who has answered is done', () => {
    const { hearing, said } = openHearing()
    hearing.shardsBegin(3)
    for (const [index, fraction] of [0.5, 1, 0.25].entries()) {
      hearing.hear(progress(fraction, `${index}`), speaker(index))
      hearing.hear(log('-'), speaker(index))
    }
    hearing.shardEnds(2)
    hearing.hear(progress(0, 'reducing'), speaker(0, 'reduce'))
    hearing.end()
    expect(said).toEqual(['17 % 0', '-', '50 % 1', '-', '58 % 2', '-', '83 % reducing'])
  })

  it('is told at most ten times a second of all shards together, but before what comes after it', () => {
    const { hearing, said } = openHearing()
    hearing.shardsBegin(2)
    for (let step = 1; step <= 100; step += 1) hearing.hear(progress(step / 100), speaker(step % 2))
    expect(said).toHaveLength(1)
    hearing.hear(log('after'), speaker(0))
    expect(said).toEqual(['1 % null', '100 % null', 'after'])
  })

  it('is the count, where it goes up to something', () => {
    const { hearing, said, control } = openHearing()
    hearing.hear(progress(0, 'counting'), speaker(0, 'run'))
    setTotal(control, 10)
    hearing.hear({ type: 'counting' }, speaker(0, 'run'))
    addToCount(control, 4)
    hearing.end()
    expect(said).toEqual(['0 % counting', '40 % counting'])
  })

  it('is acknowledged to who said it, once it was taken', async () => {
    const taken = Promise.withResolvers<void>()
    const { hearing } = openHearing({ partial: () => taken.promise })
    const [one, two] = [speaker(0), speaker(1)]
    hearing.hear({ type: 'partial', json: '{"a":1}' }, two)
    const { settled } = hearing
    expect(two.told).toEqual([])
    taken.resolve()
    await settled
    expect([one.told, two.told]).toEqual([[], [{ type: 'acknowledge' }]])
    expect(hearing.settled).toBeNull()
  })

  it('is refused where the listener throws or rejects', async () => {
    const broken = new Error('The disk is full.')
    const { hearing, refusals } = openHearing({
      partial: () => Promise.reject(broken),
      log: () => {
        throw broken
      },
    })
    hearing.hear({ type: 'partial', json: '1' }, speaker(0))
    await hearing.settled
    hearing.hear(log('x'), speaker(0))
    expect(refusals).toEqual([broken, broken])
  })

  it('is a file that is kept under an id, or refused with a reason, and removed in both cases', async () => {
    for (const [keep, answer] of [
      [async () => 'art_1', { type: 'kept', file: 7, id: 'art_1' }],
      [() => Promise.reject(new Error('It is too large.')), { type: 'refused', file: 7, message: 'It is too large.' }],
    ] as const) {
      const { hearing, removed } = openHearing({ file: keep })
      const from = speaker(0)
      hearing.hear(file, from)
      await hearing.settled
      expect(from.told).toEqual([answer])
      expect(removed).toEqual(['/files/run-7'])
    }
  })
})
