import { describe, expect, it } from 'vitest'
import {
  answerPrefix,
  controlFrame,
  oneByteText,
  SharedTail,
  textFrame,
  textFrameHeader,
} from '../../../../src/server/streams/ws-frame.ts'
import { opcodes, parseFrame } from '../../../support/websocket-frames.ts'

/** What a client reads from these frames. */
function read(frames: string): readonly string[] {
  let bytes = Buffer.from(frames, 'latin1')
  const texts = []
  for (let frame = parseFrame(bytes); frame !== null; frame = parseFrame(bytes)) {
    texts.push(frame.payload.toString('utf8'))
    bytes = bytes.subarray(frame.size)
  }
  expect(bytes).toHaveLength(0)
  return texts
}

describe('a text frame', () => {
  it.each([0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000, 1_048_576])('holds %i bytes', (length) => {
    const text = 'x'.repeat(length)
    expect(read(textFrame(text))).toEqual([text])
  })

  it.each(['é', 'ÿ', '€', '😀', 'a😀b', 'é'.repeat(63), '😀'.repeat(17_500), '\u0000\u2028'])(
    'counts bytes and not characters: %#',
    (text) => {
      expect(read(textFrame(text))).toEqual([text])
      expect(oneByteText(text)).toHaveLength(Buffer.byteLength(text))
    },
  )

  it('has a length of 64 bits beyond what a socket is ever sent', () => {
    expect(Buffer.from(textFrameHeader(0xfedcba98), 'latin1').toString('hex')).toBe('817f00000000fedcba98')
  })

  it('can follow another without anything between them', () => {
    expect(read(textFrame('one') + textFrame('😀') + textFrame('x'.repeat(200)))).toHaveLength(3)
  })
})

describe.each(['ping', 'pong'] as const)('a %s', (type) => {
  it.each([0, 1, 125])('carries its %i bytes as they are', (length) => {
    const payload = Buffer.alloc(length, 0xe9)
    const frame = parseFrame(Buffer.from(controlFrame(type, payload), 'latin1'))
    expect(frame).toMatchObject({ opcode: opcodes[type], payload })
  })
})

describe('the frame of an answer that many are sent', () => {
  const ids = ['1', 'a-long-id'.repeat(20), 'quote " and \\ and \n', '😀', 'é', '\ud800', '']

  it.each(['{}', '{"data":{"text":"😀"}}', JSON.stringify({ data: 'x'.repeat(70_000) })])(
    'is the answer to each under its own id: %#',
    (payload) => {
      const tail = new SharedTail(payload)
      for (const id of ids) {
        const prefix = answerPrefix(id)
        const [text = ''] = read(tail.headerFor(prefix.length) + prefix + tail.bytes)
        expect(JSON.parse(text)).toEqual({ id, type: 'next', payload: JSON.parse(payload) as unknown })
      }
    },
  )

  it.each([125, 126, 65_535, 65_536])('has %i bytes with some prefix', (length) => {
    const prefix = answerPrefix('1')
    const tail = new SharedTail(JSON.stringify('x'.repeat(length - prefix.length - 3)))
    const frame = tail.headerFor(prefix.length) + prefix + tail.bytes
    expect(Buffer.byteLength(read(frame)[0] ?? '')).toBe(length)
  })
})
