import { describe, expect, it } from 'vitest'
import { openMemoryProbe } from '../../../../src/adapters/local/memory-probe.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import type { HeldMemory } from '../../../../src/core/memory.ts'
import type { Collection } from '../../../../src/ports/memory-probe.ts'
import { eventually } from '../../../support/eventually.ts'

const megabyte = 2 ** 20

/** Small objects of about so many MB. */
const objects = (mb: number) => Array.from({ length: mb * 20_000 }, (_, index) => ({ index, name: null }))

describe('a memory probe', () => {
  it('tells the memory of the process by its own accounting', () => {
    using probe = openMemoryProbe(systemClock)
    const { rss, heapUsed, heapTotal, heapLimit, external, arrayBuffers } = probe.sample()
    expect(rss).toBeGreaterThan(20 * megabyte)
    expect(heapUsed).toBeLessThanOrEqual(heapTotal)
    expect(heapTotal).toBeLessThan(heapLimit)
    expect(arrayBuffers).toBeLessThanOrEqual(external)
    const spaces = probe.spaces()
    expect(spaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['new_space', 'old_space', 'code_space']))
    expect(spaces.every(({ usedBytes, sizeBytes }) => usedBytes <= sizeBytes)).toBe(true)
  })

  it('collects all garbage, and tells what is held', async () => {
    using probe = openMemoryProbe(systemClock)
    const kept = new Map([['objects', objects(20)]])
    const buffers = new Map([['some', Array.from({ length: 20 }, () => Buffer.alloc(megabyte))]])
    const [full, same] = await Promise.all([probe.collectNow(), probe.collectNow()])
    expect(same).toBe(full)
    expect(full.pauseMs).toBeGreaterThan(0)
    kept.clear()
    buffers.clear()
    const empty = await probe.collectNow()
    expect(full.heapUsed - empty.heapUsed).toBeGreaterThan(10 * megabyte)
    expect(full.external - empty.external).toBeGreaterThan(19 * megabyte)
    expect(Math.abs(probe.sample().heapUsed - empty.heapUsed)).toBeLessThan(megabyte)
  })

  it('hears of pauses by kind, and of what is held after full collections', async () => {
    using probe = openMemoryProbe(systemClock)
    using other = openMemoryProbe(systemClock)
    const pauses: Collection[] = []
    const held: HeldMemory[] = []
    const stop = probe.onCollection((collection) => pauses.push(collection))
    const stopHeld = probe.onFullCollection((memory) => held.push(memory))
    let heardByOther = 0
    other.onFullCollection(() => void (heardByOther += 1))
    const asked = await probe.collectNow()
    await eventually(() => held.length > 0 && heardByOther > 0)
    expect(pauses.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['major', 'minor']))
    expect(pauses.every(({ ms }) => ms > 0)).toBe(true)
    expect(Math.abs((held[0]?.heapUsed ?? 0) - asked.heapUsed)).toBeLessThan(5 * megabyte)
    stop()
    stopHeld()
    const [before, beforeOther] = [held.length, heardByOther]
    await probe.collectNow()
    await eventually(() => heardByOther > beforeOther)
    expect(held).toHaveLength(before)
  })

  it('leaves nobody the means to collect', async () => {
    using probe = openMemoryProbe(systemClock)
    await probe.collectNow()
    expect('gc' in globalThis).toBe(false)
    const { runInNewContext } = await import('node:vm')
    expect(runInNewContext('typeof gc')).toBe('undefined')
  })

  it('hears nothing once it is disposed of', async () => {
    const probe = openMemoryProbe(systemClock)
    using other = openMemoryProbe(systemClock)
    let heard = 0
    let heardByOther = 0
    probe.onFullCollection(() => void (heard += 1))
    other.onFullCollection(() => void (heardByOther += 1))
    probe[Symbol.dispose]()
    await other.collectNow()
    await eventually(() => heardByOther > 0)
    expect(heard).toBe(0)
  })
})
