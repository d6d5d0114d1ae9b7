import { describe, expect, it } from 'vitest'
import { isSeen } from '../../../client/cursor.ts'

describe('the event of a cursor', () => {
  it.each([
    ['the same', 'c1.epoch001.1c', 'c1.epoch001.1c', true],
    ['one before, by number and not by text', 'c1.epoch001.z', 'c1.epoch001.10', true],
    ['one after', 'c1.epoch001.11', 'c1.epoch001.10', false],
    ['one of another log', 'c1.epoch002.1', 'c1.epoch001.10', false],
    ['anything, when there was nothing before', 'c1.epoch001.1', null, false],
    ['anything, after a word', 'c1.epoch001.1', 'earliest', false],
    ['what is no cursor', 'c2.epoch001.1', 'c1.epoch001.1', false],
    ['what is too long', `c1.${'e'.repeat(40)}.1`, `c1.${'e'.repeat(40)}.1`, false],
  ])('has or has not been seen: %s', (_, cursor, last, expected) => {
    expect(isSeen(cursor, last)).toBe(expected)
  })
})
