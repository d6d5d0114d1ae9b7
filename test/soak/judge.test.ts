import { describe, expect, it } from 'vitest'
import { judge, robustSlope } from './judge.ts'
import type { Sample } from './sample.ts'

const mebibyte = 2 ** 20
const sampleOf = (heapBytes: number, held: Sample['held'] = {}): Sample => ({
  heapBytes,
  externalBytes: 0,
  rssBytes: 0,
  held,
})

/** A sawtooth, as garbage that is not collected in time makes it. */
const noise = [0, 3, 1, 4, 2, 0, 3, 1, 4, 2, 0, 3].map((part) => part * mebibyte)

describe('a robust slope', () => {
  it('is that of a line, whatever single values do', () => {
    const line = Array.from({ length: 12 }, (_, index) => 2 * index)
    expect(robustSlope(line)).toEqual({ middle: 2, least: 2 })
    const withOutlier = line.with(6, 1_000)
    expect(robustSlope(withOutlier).middle).toBe(2)
    expect(robustSlope(withOutlier).least).toBeGreaterThan(0)
  })

  it('is not above zero for certain where values go up and down', () => {
    expect(robustSlope(noise).least).toBeLessThanOrEqual(0)
  })
})

describe('the verdict of a soak', () => {
  it('passes over noise, and growth too small to matter', () => {
    expect(judge(noise.map((bytes) => sampleOf(40 * mebibyte + bytes))).faults).toEqual([])
    const creeping = noise.map((_, index) => sampleOf(40 * mebibyte + index * 50 * 1024))
    expect(judge(creeping).faults).toEqual([])
  })

  it('finds growth within the noise', () => {
    const growing = noise.map((bytes, index) => sampleOf(40 * mebibyte + bytes + index * 2 * mebibyte))
    expect(judge(growing).faults).toEqual([expect.stringMatching(/^The heap grows by \d+ KiB a round\.$/)])
  })

  it.each([
    ['connections', [0, 0, 5, 0, 1], ['There are 1 of "connections", after 0.']],
    ['connections', [1, 3, 5, 2, 1], []],
    ['resource Timeout', [3, 4, 3, 3, 4], []],
    ['resource Timeout', [3, 3, 4, 4, 4], []],
    ['resource Timeout', [3, 4, 5, 6, 7], ['There are 7 of "resource Timeout", after 3.']],
    ['listeners SIGTERM', [1, 1, 1, 1, 2], ['There are 2 of "listeners SIGTERM", after 1.']],
  ])('finds what is left behind, and not what comes and goes: %s %j', (name, counts, faults) => {
    expect(judge(counts.map((count) => sampleOf(mebibyte, { [name]: count }))).faults).toEqual(faults)
  })

  it('finds what was not there at all before', () => {
    const held = [{}, {}, { streams: 1 }, { streams: 1 }, { streams: 1 }]
    expect(judge(held.map((each) => sampleOf(mebibyte, each))).faults).toEqual(['There are 1 of "streams", after 0.'])
  })

  it('does not judge by a handful of samples', () => {
    expect(() => judge([sampleOf(1), sampleOf(2)])).toThrow('A verdict takes 5 samples.')
  })
})
