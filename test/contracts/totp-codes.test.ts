import jsQR from 'jsqr'
import { describe, expect, it } from 'vitest'
import { otplibTotpCodes, type TotpWindow } from '../../src/adapters/totp/otplib-totp-codes.ts'
import { base32Of, bytesOf, codeAt } from '../support/authenticator-app.ts'

// The package is CommonJS, whose only export Node gives as the default one; its types say otherwise.
const readQrCode = jsQR as unknown as typeof jsQR.default

const open = (window: TotpWindow = 'previous') => otplibTotpCodes({ issuer: 'Millrace', window })
const totp = open()
const now = Date.UTC(2030, 0, 1, 0, 0, 10)
const step = now / 1000 / 30 - 1 / 3
const at = (afterStep: number | null = null, ms = now) => ({ now: ms, afterStep })

/** RFC 6238, appendix B, for SHA-1: its eight digits end in the six. */
const vectors: readonly (readonly [seconds: number, code: string])[] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
]
const vectorSecret = base32Of(Buffer.from('12345678901234567890'))

describe('codes of authenticator apps', () => {
  it.each(vectors)('are those of RFC 6238 at %d seconds', (seconds, code) => {
    const ms = seconds * 1000
    expect(totp.stepOf(code.slice(2), vectorSecret, at(null, ms))).toBe(Math.floor(seconds / 30))
    expect(codeAt(vectorSecret, ms)).toBe(code.slice(2))
  })

  it('have secrets of 160 random bits', () => {
    const secrets = Array.from({ length: 100 }, () => totp.newSecret())
    expect(new Set(secrets).size).toBe(100)
    for (const secret of secrets) {
      expect(secret).toMatch(/^[A-Z2-7]{32}$/)
      expect(bytesOf(secret)).toHaveLength(20)
    }
  })

  const windows: readonly (readonly [TotpWindow, readonly number[]])[] = [
    ['present', [0]],
    ['previous', [-1, 0]],
    ['both', [-1, 0, 1]],
  ]

  it.each(windows)('are taken in the window "%s" and not outside of it', (window, taken) => {
    const secret = totp.newSecret()
    // At the first and the last millisecond of a step.
    for (const ms of [now - 10_000, now + 19_999]) {
      const found = [-3, -2, -1, 0, 1, 2, 3].filter((away) => {
        const found = open(window).stepOf(codeAt(secret, ms + away * 30_000), secret, at(null, ms))
        return found === step + away
      })
      expect(found).toEqual(taken)
    }
  })

  it('are not taken for a step that is not after the one that was used', () => {
    const secret = totp.newSecret()
    const [previous, present] = [codeAt(secret, now - 30_000), codeAt(secret, now)]
    expect(totp.stepOf(previous, secret, at(step - 2))).toBe(step - 1)
    expect(totp.stepOf(previous, secret, at(step - 1))).toBeNull()
    expect(totp.stepOf(previous, secret, at(step))).toBeNull()
    expect(totp.stepOf(present, secret, at(step - 1))).toBe(step)
    expect(totp.stepOf(present, secret, at(step))).toBeNull()
  })

  it('are not taken while the clock is behind the step that was used', () => {
    const secret = totp.newSecret()
    for (const afterStep of [step + 1, step + 2, Number.MAX_SAFE_INTEGER]) {
      expect(totp.stepOf(codeAt(secret, now), secret, at(afterStep))).toBeNull()
    }
  })

  it.each([
    '',
    '1',
    '12345',
    '1234567',
    '12345a',
    '-12345',
    '1e5000',
    '１２３４５６',
    '１23456',
    '123 456',
    '0x1234',
    '1'.repeat(1e6),
  ])('are six ASCII digits and nothing else (case %#)', (code) =>
    expect(totp.stepOf(code, totp.newSecret(), at())).toBeNull(),
  )

  it('of one secret are none of another', () => {
    const [own, other] = [totp.newSecret(), totp.newSecret()]
    const times = Array.from({ length: 50 }, (_, index) => now + index * 30_000)
    const taken = times.filter((ms) => totp.stepOf(codeAt(other, ms), own, at(null, ms)) !== null)
    // One in 500,000 would be by chance.
    expect(taken.length).toBeLessThan(3)
  })
})

describe('what an authenticator app takes a secret from', () => {
  const secret = totp.newSecret()

  it('is a URI with issuer, account and secret', () => {
    const { uri } = totp.enrolment(secret, 'ada+test@example.com')
    const { protocol, host, pathname, searchParams } = new URL(uri)
    expect([protocol, host, decodeURIComponent(pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/Millrace:ada+test@example.com',
    ])
    // Six digits, 30 seconds and SHA-1 go without saying, which some apps insist upon.
    expect(Object.fromEntries(searchParams)).toEqual({ secret, issuer: 'Millrace' })
  })

  it.each([
    ['an address', 'ada@example.com'],
    ['the longest address', `${'a'.repeat(242)}@example.com`],
    ['an address in another script', '用户@例え.jp'],
  ])('is the same as a QR code, for %s', (_what, account) => {
    const { uri, qrSvg } = totp.enrolment(secret, account)
    expect(decode(qrSvg)).toBe(uri)
  })

  it('fits into a QR code whatever the address is', () => {
    const { uri, qrSvg } = totp.enrolment(secret, `${'例'.repeat(250)}@b.c`)
    expect(uri.length).toBeGreaterThan(2300)
    expect(qrSvg.startsWith('<svg ')).toBe(true)
  })

  it('is an SVG without anything that runs or loads', () => {
    const { qrSvg } = totp.enrolment(secret, `"><script>alert(1)</script>@example.com`)
    expect(qrSvg).not.toMatch(/script|href|style|on\w+=|url\(|&/i)
    const tags = [...qrSvg.matchAll(/<(\/?\w+)/g)].map(([, tag]) => tag)
    expect(tags).toEqual(['svg', 'rect', 'path', '/svg'])
  })
})

/** Paints the picture, with ten units to a module, and reads it as a camera would. */
function decode(svg: string): string | undefined {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) / 10
  const dark = new Set(
    [...svg.matchAll(/M(\d+),(\d+)h10v10h-10z/g)].map(([, x, y]) => `${Number(x) / 10} ${Number(y) / 10}`),
  )
  const scale = 4
  const width = side * scale
  const pixels = new Uint8ClampedArray(width * width * 4)
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isDark = dark.has(`${Math.floor(x / scale)} ${Math.floor(y / scale)}`)
      pixels.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * width + x) * 4)
    }
  }
  return readQrCode(pixels, width, width)?.data
}
