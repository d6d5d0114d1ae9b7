import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/errors.ts'
import { longestPollMs } from '../../src/server/streams/params.ts'
import { pollMediaType } from '../../src/server/streams/poll.ts'
import { closeCodes } from '../../src/server/streams/ws-close-codes.ts'
import { readDocuments } from './markdown.ts'

const document = readDocuments().find(({ path }) => path === 'docs/protocol.md')

describe('the description of the protocol', () => {
  it('names only error codes that there are, and all that speak of cursors', () => {
    const named = document?.inlineCode.filter((code) => /^[A-Z]+(_[A-Z]+)+$/.test(code)) ?? []
    expect(named.filter((code) => !(code in errorCodes))).toEqual([])
    expect(named).toEqual(expect.arrayContaining(Object.keys(errorCodes).filter((code) => code.startsWith('CURSOR_'))))
  })

  it('names every close code of the server, the media type of polls and the longest wait', () => {
    expect(document?.inlineCode).toEqual(expect.arrayContaining(Object.values(closeCodes).map(String)))
    const texts = [...(document?.inlineCode ?? []), ...(document?.blocks.map(({ text }) => text) ?? [])]
    expect(texts.some((text) => text.includes(pollMediaType))).toBe(true)
    expect(longestPollMs).toBe(30_000)
  })
})
