import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/core/secrets.ts'
import { createAddressCheck, readAddressRange } from '../../../src/services/accounts/api-keys/allowed-ips.ts'
import { newApiKey, parseApiKey } from '../../../src/services/accounts/api-keys/api-key-text.ts'

describe('the text of an API key', () => {
  it('names its kind, its installation and itself, and nothing else than its secret', () => {
    const { id, text, secretHash, lastFour } = newApiKey(true)
    expect(text).toMatch(/^mr_live_[0-9a-z]{26}_[0-9a-z]{32}[0-9a-f]{8}$/)
    expect(text).toHaveLength(75)
    const parsed = parseApiKey(text, true)
    expect(parsed?.id).toBe(id)
    expect(id).toBe(`key_${text.slice(8, 34)}`)
    expect(sha256(parsed?.secret ?? '')).toBe(secretHash)
    expect(lastFour).toBe(text.slice(-4))
    expect(newApiKey(false).text).toMatch(/^mr_test_/)
  })

  it('has 160 random bits, of which no character is likelier than another', () => {
    const secrets = Array.from({ length: 2000 }, () => parseApiKey(newApiKey(true).text, true)?.secret ?? '')
    expect(new Set(secrets).size).toBe(secrets.length)
    const counts = new Map<string, number>()
    for (const character of secrets.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
    expect(counts.size).toBe(32)
    // 64,000 characters: 2,000 of each, give or take seven standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(310)
  })

  it('gives every mistake in a single character away', () => {
    const { text } = newApiKey(false)
    for (let i = 0; i < text.length; i += 1) {
      for (const other of ['0', 'z', 'A', '_', 'f']) {
        if (text[i] === other) continue
        expect([i, other, parseApiKey(text.slice(0, i) + other + text.slice(i + 1), false)]).toEqual([i, other, null])
      }
    }
  })

  it('is of one installation, and whole', () => {
    const { text } = newApiKey(false)
    expect(parseApiKey(text, true)).toBeNull()
    for (const wrong of ['', 'mr_', text.slice(0, -1), `${text}0`, ` ${text}`, text.toUpperCase(), 'x'.repeat(1e6)]) {
      expect(parseApiKey(wrong, false)).toBeNull()
    }
  })
})

describe('the addresses that may use an API key', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.0/24 ', '192.0.2.0/24'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:db8::/032', '2001:db8::/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('are read from %j', (text, range) => {
    expect(readAddressRange(text)).toBe(range)
  })

  it.each([
    '',
    'example.com',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '2001:db8::/129',
    '1.2.3.4/8/8',
  ])('are not read from %j', (text) => expect(readAddressRange(text)).toBeNull())

  it.each(['fe80::1%eth0', '::ffff:192.0.2.7', '192.0.2.0/1e1'])('are not read from %j, which no client has', (text) =>
    expect(readAddressRange(text)).toBeNull(),
  )

  it('are everybody’s where none is given, and otherwise those alone', () => {
    expect(createAddressCheck([])(null)).toBe(true)
    const allows = createAddressCheck(['192.0.2.7', '198.51.100.0/24', '2001:db8::/32'])
    expect(['192.0.2.7', '198.51.100.1', '198.51.100.255', '2001:db8:ffff::1'].map(allows)).toEqual(Array(4).fill(true))
    expect(['192.0.2.8', '198.51.101.1', '2001:db9::1', null, 'nonsense'].map(allows)).toEqual(Array(5).fill(false))
  })
})
