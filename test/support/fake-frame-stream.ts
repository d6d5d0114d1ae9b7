import type { Frame, FrameSink, FrameStream } from '../../src/server/operation.ts'

/** A frame whose payload is the object as JSON, with `cursor` as the place after it. */
export function textFrame(payload: object, cursor = 'c1.fake.1', last = false): Frame {
  const encodings = new Map<unknown, unknown>()
  const frame: Frame = {
    cursor,
    last,
    payload: JSON.stringify({ ...payload, extensions: { resume: { cursor } } }),
    encoded<Encoded>(encode: (frame: Frame) => Encoded): Encoded {
      if (!encodings.has(encode)) encodings.set(encode, encode(frame))
      return encodings.get(encode) as Encoded // what this function made
    },
  }
  return frame
}

/** A stream that a test drives by hand: what is pushed is sent as fast as the sink takes it. */
export interface FakeFrameStream extends FrameStream {
  /** What was called, in order. */
  readonly calls: readonly ('begin' | 'resume' | 'end')[]
  /** Where the frames go; `null` before `begin` and after the end. */
  readonly sink: FrameSink | null
  /** How many frames have not been sent yet. */
  readonly waiting: number
  /** Sends frames as soon as they may be; after one that is the last, the stream is over. */
  push(...frames: readonly Frame[]): void
  /** Ends the stream once all frames are sent: `null` completes the operation. */
  finish(reason: unknown): void
}

/** `opening` tells what stands for a stream that has not begun. */
export function fakeFrameStream(
  opening: { readonly finished?: boolean; readonly cursor?: string } = {},
): FakeFrameStream {
  const { finished = false } = opening
  const calls: ('begin' | 'resume' | 'end')[] = []
  const frames: Frame[] = []
  let cursor = opening.cursor ?? 'c1.fake.0'
  let sink: FrameSink | null = null
  let over: { readonly reason: unknown } | null = finished ? { reason: null } : null

  function pump(): void {
    while (sink?.isWritable === true) {
      const frame = frames.shift()
      if (frame === undefined) break
      cursor = frame.cursor
      if (frame.last) over ??= { reason: null }
      sink.send(frame)
    }
    if (frames.length > 0) return
    if (over === null) return sink?.upToDate?.()
    const told = sink
    sink = null
    told?.ended(over.reason)
  }

  return {
    calls,
    finished,
    get sink() {
      return sink
    },
    get waiting() {
      return frames.length
    },
    get upToDate() {
      return frames.length === 0 && over === null
    },
    get cursor() {
      return cursor
    },
    begin(to) {
      calls.push('begin')
      sink = to
      pump()
    },
    resume() {
      calls.push('resume')
      pump()
    },
    end() {
      calls.push('end')
      sink = null
    },
    push(...more) {
      frames.push(...more)
      pump()
    },
    finish(reason) {
      over ??= { reason }
      pump()
    },
  }
}
