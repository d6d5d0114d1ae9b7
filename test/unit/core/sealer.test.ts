import { describe, expect, it } from 'vitest'
import { createSealer, SealError } from '../../../src/core/sealer.ts'

const [old, today, other] = ['o'.repeat(32), 't'.repeat(32), 'x'.repeat(32)]
const context = 'table.column row_1'

describe('a sealed text', () => {
  const sealer = createSealer([today])

  it.each(['', 'secret', 'ß\u{1F600}\u0000\n', 'a'.repeat(100_000)])('opens to what it was (case %#)', (text) => {
    expect(sealer.open(sealer.seal(text, context), context)).toBe(text)
  })

  it('differs each time, and shows nothing of what it holds', () => {
    const sealed = sealer.seal('secret', context)
    expect(sealed).not.toBe(sealer.seal('secret', context))
    expect(sealed).toMatch(/^s1\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+$/)
    expect(sealed).not.toContain(Buffer.from('secret').toString('base64url'))
    expect(sealed).not.toContain(today)
  })

  it('names its key by nothing that can be guessed back', () => {
    const keyId = (secret: string) => createSealer([secret]).seal('', context).split('.')[1]
    expect(keyId(today)).toBe(keyId(today))
    expect(keyId(today)).not.toBe(keyId(old))
  })

  it('opens in its own row only', () => {
    const sealed = sealer.seal('secret', context)
    for (const elsewhere of ['', 'table.column row_2', 'table.other row_1', `${context} `]) {
      expect(() => sealer.open(sealed, elsewhere)).toThrow(SealError)
    }
  })

  it('does not open when a single bit of it was changed', () => {
    const sealed = sealer.seal('secret', context)
    const [version = '', key = '', nonce = '', body = ''] = sealed.split('.')
    const flip = (part: string, at: number) => {
      const bytes = Buffer.from(part, 'base64url')
      bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at)
      return bytes.toString('base64url')
    }
    for (const changed of [
      [version, key, flip(nonce, 0), body],
      [version, key, nonce, flip(body, 0)],
      [version, key, nonce, flip(body, -1)],
      [version, flip(key, 0), nonce, body],
      ['s2', key, nonce, body],
    ]) {
      expect(() => sealer.open(changed.join('.'), context)).toThrow(SealError)
    }
  })

  it.each(['', 'secret', 's1', 's1...', 's1.AAAAAAAA.AAAAAAAAAAAAAAAA.AAAA', `s1.${'A'.repeat(1_000_000)}`])(
    'is not what %.20j is',
    (text) => {
      expect(() => sealer.open(text, context)).toThrow(SealError)
      expect(sealer.isOutdated(text)).toBe(true)
    },
  )

  it('does not open when its tag was cut', () => {
    const sealed = sealer.seal('a long enough text to cut something off', context)
    for (const cut of [1, 2, 4, 8, 12]) {
      expect(() => sealer.open(sealed.slice(0, -cut), context)).toThrow(SealError)
    }
  })
})

describe('a sealer with older root secrets', () => {
  const before = createSealer([old])
  const both = createSealer([today, old])

  it('opens what they sealed, and seals with the newest', () => {
    const sealed = before.seal('secret', context)
    expect(both.open(sealed, context)).toBe('secret')
    expect([before.isOutdated(sealed), both.isOutdated(sealed)]).toEqual([false, true])
    const anew = both.seal('secret', context)
    expect(both.isOutdated(anew)).toBe(false)
    expect(createSealer([today]).open(anew, context)).toBe('secret')
    expect(() => before.open(anew, context)).toThrow(SealError)
  })

  it('opens nothing of a secret that it does not know, and says so by its code', () => {
    const sealed = createSealer([other]).seal('secret', context)
    expect(() => both.open(sealed, context)).toThrow(
      expect.objectContaining({
        code: 'SEAL_BROKEN',
        message: 'A sealed value needs a root secret that is not set any more.',
      }),
    )
  })
})
