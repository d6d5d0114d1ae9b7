import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isGuessableSecret } from '../../../src/core/guessable-secret.ts'

describe('a root secret', () => {
  it.each([
    'a'.repeat(64),
    'ab'.repeat(32),
    'correct horse '.repeat(3),
    'change-me-change-me-change-me-change-me',
    'please CHANGE THIS to something random',
    'this-is-an-example-of-a-long-enough-key',
    'my-super-secret-key-for-this-server-1',
    'the default key of this installation!',
    'millrace-root-key-2030-01-01-abc-xyz9',
    '01234567890123456789012345678901',
    'abcdefghijklmnopqrstuvwxyzabcdef',
    'password-of-the-server-qpwoeiruty',
  ])('is guessable: %s', (secret) => {
    expect(isGuessableSecret(secret)).toBe(true)
  })

  it.each(['hex', 'base64', 'base64url'] as const)('of 32 random bytes in %s is not', (encoding) => {
    for (let count = 0; count < 1000; count += 1) {
      expect(isGuessableSecret(randomBytes(32).toString(encoding))).toBe(false)
    }
  })

  it('of 16 random bytes in hexadecimal is not', () => {
    expect(isGuessableSecret('9f86d081884c7d659a2feaa0c55ad015')).toBe(false)
  })

  it('is judged quickly, however long it is', () => {
    const started = performance.now()
    isGuessableSecret(randomBytes(100_000).toString('base64'))
    isGuessableSecret(`${'ab'.repeat(100_000)}c`)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
