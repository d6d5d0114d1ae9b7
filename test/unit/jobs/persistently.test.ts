import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import { persistently } from '../../../src/services/jobs/persistently.ts'

const forEver = new AbortController().signal

/** An action that fails so often before it is done, and how often it was tried. */
function failing(times: number, error: Error) {
  const action = {
    tries: 0,
    run: async () => {
      action.tries += 1
      if (action.tries <= times) throw error
      return 'done'
    },
  }
  return action
}

describe('what is done persistently', () => {
  it('is tried until it is done', async () => {
    expect(await persistently(failing(2, new Error('The disk is full.')).run, forEver)).toBe('done')
  })

  it('is given up after so many tries, of which those that came too early are none', async () => {
    const overloaded = failing(3, new Refusal('OVERLOADED', 'Try again.'))
    expect(await persistently(overloaded.run, forEver, 1)).toBe('done')
    const failed = failing(9, new Error('The disk is full.'))
    await expect(persistently(failed.run, forEver, 2)).rejects.toThrow('The disk is full.')
    expect(failed.tries).toBe(2)
  })

  it.each([new Refusal('QUOTA_EXCEEDED', 'No room.'), new TypeError('A bug.')])('is given up at %s', async (error) => {
    const action = failing(1, error)
    await expect(persistently(action.run, forEver)).rejects.toBe(error)
    expect(action.tries).toBe(1)
  })

  it('is given up when it is to stop, however overloaded', async () => {
    const stop = new AbortController()
    const error = new Refusal('OVERLOADED', 'Try again.')
    const action = failing(Infinity, error)
    const doing = persistently(action.run, stop.signal)
    stop.abort()
    await expect(doing).rejects.toBe(error)
  })
})
