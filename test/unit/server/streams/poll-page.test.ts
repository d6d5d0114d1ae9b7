import { describe, expect, it } from 'vitest'
import { pageText } from '../../../../src/server/streams/poll-page.ts'
import { textFrame } from '../../../support/fake-frame-stream.ts'

const frames = [1, 2].map((n) => textFrame({ data: { n, text: 'ä🦀' } }, `c1.fake.${n}`))
const [first] = frames
const cursor = 'c1.fake.1'

describe('the answer to a poll', () => {
  it('is JSON whose members stand in the order in which they are documented', () => {
    const { text, bytes } = pageText({ items: frames, cursor: 'c1.fake.2', upToDate: false, closed: false })
    const items = frames.map((frame) => ({ cursor: frame.cursor, payload: JSON.parse(frame.payload) }))
    expect(text).toBe(JSON.stringify({ items, cursor: 'c1.fake.2', upToDate: false, closed: false }))
    expect(bytes).toBe(Buffer.byteLength(text))
    expect(pageText({ items: [], cursor: 'c', upToDate: true, closed: true }).text).toBe(
      '{"items":[],"cursor":"c","upToDate":true,"closed":true}',
    )
  })

  it('is made once for all who waited for one event, but for who is told something else', () => {
    const items = first === undefined ? [] : [first]
    const waited = pageText({ items, cursor, upToDate: true, closed: false })
    expect(pageText({ items, cursor, upToDate: true, closed: false })).toBe(waited)
    for (const [upToDate, closed] of [
      [false, false],
      [true, true],
    ] as const) {
      const page = pageText({ items, cursor, upToDate, closed })
      expect(JSON.parse(page.text)).toMatchObject({ cursor, upToDate, closed })
      expect(JSON.parse(page.text).items).toEqual(JSON.parse(waited.text).items)
    }
  })

  it('says of the last event of a log that nothing follows', () => {
    const last = textFrame({}, cursor, true)
    const { text } = pageText({ items: [last], cursor, upToDate: true, closed: true })
    expect(JSON.parse(text)).toMatchObject({ upToDate: true, closed: true })
  })
})
