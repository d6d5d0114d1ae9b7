import { describe, expect, it } from 'vitest'
import { isTaskName } from '../../../src/core/task.ts'

describe('the name of a task', () => {
  it.each(['a', 'profileTable', 'x2', 'toHTML', 'a'.repeat(64)])('may be %j', (name) => {
    expect(isTaskName(name)).toBe(true)
  })

  it.each(['', 'Cook', 'cook-it', 'cook_it', '__cook', '1st', 'cook it', 'köchle', 'cook\n', 'a'.repeat(65)])(
    'may not be %j',
    (name) => {
      expect(isTaskName(name)).toBe(false)
    },
  )
})
