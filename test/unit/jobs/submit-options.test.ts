import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../../../src/core/errors.ts'
import { checkOptions, type SubmitOptions } from '../../../src/services/jobs/submit-options.ts'

const now = Date.UTC(2030, 0, 1)
const year = 365 * 24 * 3600 * 1000

function issuesOf(options: SubmitOptions): unknown {
  try {
    checkOptions(options, now)
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
}

const noDelay = 'options.delayMs: Must be a whole number from 0 to 31536000000 (365 days).'
const noTime = 'options.runAt: Must be a time at most 365 days from now.'
const noEnd = 'options.expiresAt: Must be a time after now, and after the one at which the job is to run.'
const noKey = 'options.idempotencyKey: Must have 1 to 200 characters, none of them a control character.'
const noTag = 'options.tags: Each must have 1 to 50 characters, none of them a control character.'

describe('the options of a submission', () => {
  it.each<[string, SubmitOptions, string]>([
    ['a delay below nothing', { delayMs: -1 }, noDelay],
    ['a delay of half a millisecond', { delayMs: 0.5 }, noDelay],
    ['a delay that is no number', { delayMs: NaN }, noDelay],
    ['a delay of more than a year', { delayMs: year + 1 }, noDelay],
    ['a time in more than a year', { runAt: now + year + 1 }, noTime],
    ['a time that is none', { runAt: Infinity }, noTime],
    ['both a delay and a time', { delayMs: 1, runAt: now }, 'options.delayMs: Cannot be given together with runAt.'],
    ['an end that is now', { expiresAt: now }, noEnd],
    ['an end that is past', { expiresAt: now - 1 }, noEnd],
    ['an end when the job is to run', { delayMs: 1000, expiresAt: now + 1000 }, noEnd],
    ['an end before the job is to run', { runAt: now + 1000, expiresAt: now + 999 }, noEnd],
    ['an end that is none', { expiresAt: NaN }, noEnd],
    ['an idempotency key that is too long', { idempotencyKey: 'x'.repeat(201) }, noKey],
    ['an idempotency key with half a character', { idempotencyKey: 'k\uD800' }, noKey],
    ['an idempotency key with a null character', { idempotencyKey: 'k\u0000' }, noKey],
    ['an idempotency key with a line break', { idempotencyKey: 'a\nb' }, noKey],
    ['11 tags', { tags: Array.from({ length: 11 }, (_, n) => `tag ${n}`) }, 'options.tags: There may be at most 10.'],
    ['an empty tag', { tags: ['fine', ''] }, noTag],
    ['a tag that is too long', { tags: ['x'.repeat(51)] }, noTag],
    ['a tag with a line break', { tags: ['a\nb'] }, noTag],
    ['a tag with a null character', { tags: ['a\u0000b'] }, noTag],
    ['a tag with half a character', { tags: ['\uD83D'] }, noTag],
    ['a memo of another kind', { memo: 'NEVER' as 'USE' }, 'options.memo: Must be one of USE, REFRESH, BYPASS.'],
  ])('refuse %s', (_what, options, issue) => {
    expect(issuesOf(options)).toEqual([issue])
  })

  it('are refused with everything that is wrong with them', () => {
    const wrong = { idempotencyKey: '', priority: 1.5, waitMs: -1, delayMs: -1, runAt: 0, expiresAt: NaN, tags: [''] }
    expect(issuesOf(wrong)).toEqual([
      noKey,
      'options.priority: Must be a whole number from -100 to 100.',
      'options.waitMs: Must be a whole number from 0 to 30000.',
      'options.delayMs: Cannot be given together with runAt.',
      noDelay,
      noEnd,
      noTag,
    ])
  })

  it('hold something where nothing is given', () => {
    const defaults = {
      idempotencyKey: null,
      priority: 0,
      waitMs: 0,
      runAt: now,
      expiresAt: null,
      memo: 'USE',
      tags: [],
      state: 'QUEUED',
    }
    expect(checkOptions({}, now)).toEqual(defaults)
    const nulls = { idempotencyKey: null, priority: null, waitMs: null, delayMs: null, runAt: null }
    expect(checkOptions({ ...nulls, expiresAt: null, memo: null, tags: null }, now)).toEqual(defaults)
  })

  it.each<[SubmitOptions, number, string]>([
    [{ delayMs: 0 }, now, 'QUEUED'],
    [{ delayMs: 1 }, now + 1, 'SCHEDULED'],
    [{ delayMs: year }, now + year, 'SCHEDULED'],
    [{ runAt: now - year * 10 }, now, 'QUEUED'],
    [{ runAt: now }, now, 'QUEUED'],
    [{ runAt: now + year }, now + year, 'SCHEDULED'],
  ])('%j runs it at %d, %s', (options, runAt, state) => {
    expect(checkOptions(options, now)).toMatchObject({ runAt, state })
  })

  it('take an end a millisecond after the beginning', () => {
    expect(checkOptions({ expiresAt: now + 1 }, now)).toMatchObject({ expiresAt: now + 1, state: 'QUEUED' })
    expect(checkOptions({ delayMs: 5, expiresAt: now + 6 }, now).expiresAt).toBe(now + 6)
  })

  it('keep each tag once, in the order given, and count characters as people do', () => {
    const tags = ['b', 'a', 'b', '🦐'.repeat(50), 'a']
    expect(checkOptions({ tags }, now).tags).toEqual(['b', 'a', '🦐'.repeat(50)])
    const ten = Array.from({ length: 10 }, (_, n) => `${n}`)
    expect(checkOptions({ tags: [...ten, ...ten] }, now).tags).toEqual(ten)
  })
})
