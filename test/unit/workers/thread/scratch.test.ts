import { describe, expect, it } from 'vitest'
import { createScratch, maxScratchTasks, maxScratchValues } from '../../../../src/workers/thread/scratch.ts'

function openScratch() {
  const scratch = createScratch()
  const made: string[] = []
  const get = (task: string, key: string) =>
    scratch.get(task, key, () => {
      made.push(`${task} ${key}`)
      return { key }
    })
  return { scratch, get, made }
}

describe('what tasks keep on a thread', () => {
  it('is made once for each task and key', () => {
    const { get, made } = openScratch()
    expect(get('a', 'x')).toBe(get('a', 'x'))
    expect(get('b', 'x')).not.toBe(get('a', 'x'))
    expect(made).toEqual(['a x', 'b x'])
  })

  it('may be undefined', () => {
    const { scratch } = openScratch()
    let made = 0
    const make = () => void (made += 1)
    scratch.get('a', 'x', make)
    scratch.get('a', 'x', make)
    expect(made).toBe(1)
  })

  it('is not kept where it could not be made, at once or later', async () => {
    const { scratch } = openScratch()
    const broken = () => {
      throw new Error('There is no table.')
    }
    expect(() => scratch.get('a', 'x', broken)).toThrow('There is no table.')
    expect(scratch.get('a', 'x', () => 1)).toBe(1)
    await expect(scratch.get('a', 'y', () => Promise.reject(new Error('Not yet.')))).rejects.toThrow('Not yet.')
    expect(scratch.get('a', 'y', () => 2)).toBe(2)
  })

  it('is forgotten when so many others were used since', () => {
    const { get, made } = openScratch()
    for (let key = 0; key < maxScratchValues; key += 1) get('a', `${key}`)
    get('a', '0')
    get('a', 'one more')
    made.length = 0
    get('a', '0')
    get('a', '1')
    expect(made).toEqual(['a 1'])
  })

  it('is forgotten with its task when so many other tasks were used since', () => {
    const { get, made } = openScratch()
    for (let task = 0; task <= maxScratchTasks; task += 1) get(`${task}`, 'x')
    made.length = 0
    get('1', 'x')
    get('0', 'x')
    expect(made).toEqual(['0 x'])
  })
})
