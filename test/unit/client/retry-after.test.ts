import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OperationError } from '../../../client/frame.ts'
import { createRetryReader, readRetryAfter } from '../../../client/retry-after.ts'

const now = Date.UTC(2026, 0, 1)

beforeEach(() => void vi.useFakeTimers({ now }))
afterEach(() => void vi.useRealTimers())

describe('the header Retry-After', () => {
  it.each([
    ['7', 7],
    [' 120 ', 120],
    [new Date(now + 90_000).toUTCString(), 90],
    [new Date(now - 90_000).toUTCString(), 0],
    ['soon', null],
    ['-7', null],
    ['99999999999', null],
    ['', null],
  ])('%j means %j seconds', (value, expected) => {
    expect(readRetryAfter(new Response(null, { headers: { 'retry-after': value } }))).toBe(expected)
  })

  it('may be missing', () => {
    expect(readRetryAfter(new Response())).toBeNull()
  })
})

describe('a refusal', () => {
  const fault = (retryAfterSeconds?: unknown) => ({ message: 'No.', extensions: { retryAfterSeconds } })

  it.each([
    [[fault(3), fault(9)], 5, 9],
    [[fault(3)], 5, 5],
    [[fault(3)], null, 3],
    [[fault()], 5, 5],
    [[fault()], null, null],
    [[], null, null],
  ])('asks for the longest that its faults and its header say: %#', (faults, header, expected) => {
    expect(new OperationError(faults, header).retryAfterSeconds).toBe(expected)
  })
})

describe('the reader of the field `retry`', () => {
  const text = [
    'retry: 1000\n:\n\n',
    'retry:2000\r\nid: c1.a.1\r\nevent: next\r\ndata: {"retry: 5":"\\nretry: 6"}\r\n\r\n',
    `data: ${'x'.repeat(100_000)}retry: 7\n\n`,
    'retry: soon\nretry: 99999999999\n retry: 8\nretry\nretry: 3000\rdata\n\nretry: 9',
  ].join('')
  const bytes = new TextEncoder().encode(text)

  it.each([1, 2, 3, 7, 1_000, bytes.length])('finds each of them in pieces of %i bytes', (size) => {
    const told: number[] = []
    const read = createRetryReader((ms) => told.push(ms))
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
    expect(told).toEqual([1_000, 2_000, 3_000])
  })
})
