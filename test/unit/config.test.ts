import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'

const random = 'q3N5bW8xR2pVd0xkYXJ4VnFiT2tIeFpzY0F5R3Q='
const production = { NODE_ENV: 'production' }

/** The message of the refusal; `null` when the settings can be used. */
function refusal(environment: Readonly<Record<string, string>>): string | null {
  try {
    readConfig(environment)
    return null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SETTINGS_INVALID') return error.message
    throw error
  }
}

describe('the root secret', () => {
  it.each([
    ['missing', {}, 'MILLRACE_SECRET: must be given with NODE_ENV=production; accepts at least 32 characters.'],
    ['empty', { MILLRACE_SECRET: ' ' }, 'MILLRACE_SECRET: must be given'],
    [
      'short',
      { MILLRACE_SECRET: 'q3N5bW8xR2pVd0xkYXJ4VnFiT2tIeFp' },
      'MILLRACE_SECRET: accepts at least 32 characters.',
    ],
    ['an example', { MILLRACE_SECRET: 'change-me-to-something-long-and-random' }, 'is an example or can be guessed'],
    ['one character over and over', { MILLRACE_SECRET: 's'.repeat(64) }, 'is an example or can be guessed'],
  ])('is refused in production when it is %s, and is not repeated', (_what, settings, sentence) => {
    const message = refusal({ ...production, ...settings })
    expect(message).toContain(sentence)
    expect(message).not.toContain({ MILLRACE_SECRET: 'nothing', ...settings }.MILLRACE_SECRET.trim() || 'nothing')
  })

  it('may be anything of that length elsewhere, and is made when it is not given', () => {
    expect(readConfig({ MILLRACE_SECRET: 's'.repeat(32) }).secret).toBe('s'.repeat(32))
    expect(readConfig({}).secret).toBeNull()
    expect(refusal({ MILLRACE_SECRET: 'short' })).toContain('MILLRACE_SECRET: accepts at least 32 characters.')
  })

  it('is taken in production when it is random, with the ones before it, newest first', () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)]
    const config = readConfig({ ...production, MILLRACE_SECRET: random, MILLRACE_SECRET_PREVIOUS: `${one}, ${two},` })
    expect(config).toMatchObject({ secret: random, previousSecrets: [one, two] })
    const message = refusal({ MILLRACE_SECRET_PREVIOUS: `${one},leaked` })
    expect(message).toContain('MILLRACE_SECRET_PREVIOUS: accepts secrets of at least 32 characters')
    expect(message).not.toContain('leaked')
  })
})

describe('tokens', () => {
  it('live for ten minutes, are signed with EdDSA and have twenty seconds of grace', () => {
    expect(readConfig({})).toMatchObject({
      accessTokenMs: 600_000,
      accessTokenAlgorithm: 'EdDSA',
      refreshGraceMs: 20_000,
    })
  })

  it('live for five to fifteen minutes', () => {
    expect(readConfig({ ACCESS_TOKEN_MINUTES: '5' }).accessTokenMs).toBe(300_000)
    expect(readConfig({ ACCESS_TOKEN_MINUTES: '15' }).accessTokenMs).toBe(900_000)
    for (const minutes of ['4', '16', '-1', 'NaN', 'ten']) {
      expect(refusal({ ACCESS_TOKEN_MINUTES: minutes })).toContain('ACCESS_TOKEN_MINUTES: accepts 5 to 15 minutes')
    }
  })

  it('are signed with one of two algorithms', () => {
    expect(readConfig({ ACCESS_TOKEN_ALGORITHM: 'ES256' }).accessTokenAlgorithm).toBe('ES256')
    for (const name of ['none', 'HS256', 'RS256', 'eddsa']) {
      expect(refusal({ ACCESS_TOKEN_ALGORITHM: name })).toContain('ACCESS_TOKEN_ALGORITHM: accepts `EdDSA` or `ES256`')
    }
  })

  it('have a window of grace that is bounded, and can be closed', () => {
    expect(readConfig({ REFRESH_GRACE_SECONDS: '0' }).refreshGraceMs).toBe(0)
    for (const seconds of ['61', '-1', 'Infinity']) {
      expect(refusal({ REFRESH_GRACE_SECONDS: seconds })).toContain('REFRESH_GRACE_SECONDS: accepts 0 to 60 seconds')
    }
  })
})
