import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../../src/core/errors.ts'
import type { ResponseStream, StreamFrame } from '../../../../src/server/operation.ts'
import { endWithCredential } from '../../../../src/server/streams/end-with-credential.ts'

const expired = new Refusal('UNAUTHENTICATED', 'The credential has expired.')
const done = { done: true, value: undefined } as const
const frame = (n: number): StreamFrame => ({ payload: { data: { n } }, cursor: `c${n}`, last: false })

/** A stream of which the test pushes the frames, and the credential that it stands on. */
function open(options: { readonly returns?: () => Promise<typeof done> } = {}) {
  let waiting = Promise.withResolvers<IteratorResult<StreamFrame, undefined>>()
  let onEnd: ((why: Refusal) => void) | null = null
  const calls = { returned: 0, watched: 0 }
  const source: ResponseStream = {
    finished: false,
    upToDate: true,
    cursor: 'c0',
    next: () => waiting.promise,
    return() {
      calls.returned += 1
      return options.returns?.() ?? Promise.resolve(done)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
  const stream = endWithCredential(source, (listener) => {
    calls.watched += 1
    onEnd = listener
    return () => {
      if (onEnd === null) return
      onEnd = null
      calls.watched -= 1
    }
  })
  return {
    stream,
    calls,
    push(n: number) {
      waiting.resolve({ done: false, value: frame(n) })
      waiting = Promise.withResolvers()
    },
    finish: () => waiting.resolve(done),
    fail: (error: unknown) => waiting.reject(error),
    end: (why: Refusal) => onEnd?.(why),
  }
}

describe('a stream that ends with its credential', () => {
  it('passes on what comes, and what the stream tells of itself', async () => {
    const { stream, push } = open()
    const next = stream.next()
    push(1)
    expect(await next).toEqual({ done: false, value: frame(1) })
    expect([stream.finished, stream.upToDate, stream.cursor]).toEqual([false, true, 'c0'])
  })

  it('rejects the pending next() and every later one with the reason, and ends what it reads from', async () => {
    const { stream, end, calls } = open()
    const pending = stream.next()
    end(expired)
    await expect(pending).rejects.toBe(expired)
    await expect(stream.next()).rejects.toBe(expired)
    await expect(stream.next()).rejects.toBe(expired)
    expect(calls.returned).toBe(1)
  })

  it('ends while an event is being executed, and does not give its answer any more', async () => {
    const { stream, push, end } = open({ returns: () => new Promise(() => undefined) })
    const pending = stream.next()
    end(expired)
    push(1)
    await expect(pending).rejects.toBe(expired)
  })

  it('ends where the credential ended before anybody asked', async () => {
    const { stream, end, push } = open()
    end(expired)
    push(1)
    await expect(stream.next()).rejects.toBe(expired)
  })

  it('hears of its credential once and is not held up where the stream cannot be ended', async () => {
    const { stream, end } = open({ returns: () => Promise.reject(new Error('broken')) })
    const pending = stream.next()
    end(expired)
    end(new Refusal('SESSION_REVOKED', 'Later.'))
    await expect(pending).rejects.toBe(expired)
  })

  it.each([
    ['return()', async ({ stream }: ReturnType<typeof open>) => stream.return()],
    [
      'the end of the stream',
      async ({ stream, finish }: ReturnType<typeof open>) => {
        const next = stream.next()
        finish()
        expect(await next).toEqual(done)
      },
    ],
    [
      'its failure',
      async ({ stream, fail }: ReturnType<typeof open>) => {
        const next = stream.next()
        fail(new Error('broken'))
        await expect(next).rejects.toThrow('broken')
      },
    ],
  ])('is not watched any more after %s', async (_, over) => {
    const opened = open()
    expect(opened.calls.watched).toBe(1)
    await over(opened)
    expect(opened.calls.watched).toBe(0)
  })
})
