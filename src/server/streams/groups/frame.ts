import { formatCursor, type Position } from '../../../core/cursor.ts'
import type { StreamOpening } from '../../../services/streams/stream.ts'
import type { Frame } from '../../operation.ts'

/** The place that a frame stands at. */
export interface FramePlace extends Position {
  readonly last: boolean
}

/** A frame of a group, with the place of its event. */
export interface GroupFrame extends Frame, Position {
  /** The same answer for one subscriber whose first frame it is. */
  opened(opening: StreamOpening): Frame
}

/** The frame of an answer. `answer` is the result of an execution as JSON, an object. */
export function createFrame(answer: string, place: FramePlace, opening: StreamOpening | null = null): GroupFrame {
  return new EncodedFrame(answer, place, opening)
}

type Encode = (frame: Frame) => unknown

class EncodedFrame implements GroupFrame {
  readonly epoch: string
  readonly offset: number
  readonly cursor: string
  readonly last: boolean
  readonly payload: string
  readonly #answer: string
  /** There are few ways to encode: the first is found at once. */
  #encode: Encode | null = null
  #encoded: unknown = null
  #others: Map<Encode, unknown> | null = null
  /** The one that was made last. */
  #opened: { readonly opening: StreamOpening; readonly frame: Frame } | null = null

  constructor(answer: string, place: FramePlace, opening: StreamOpening | null) {
    this.epoch = place.epoch
    this.offset = place.offset
    this.cursor = formatCursor(place)
    this.last = place.last
    this.#answer = answer
    const resume = JSON.stringify({ cursor: this.cursor, ...opening })
    this.payload = `${answer.slice(0, -1)}${answer === '{}' ? '' : ','}"extensions":{"resume":${resume}}}`
  }

  encoded<Encoded>(encode: (frame: Frame) => Encoded): Encoded {
    if (this.#encode === null) {
      this.#encode = encode
      this.#encoded = encode(this)
    }
    if (this.#encode === encode) return this.#encoded as Encoded // what that function gave
    this.#others ??= new Map()
    if (!this.#others.has(encode)) this.#others.set(encode, encode(this))
    return this.#others.get(encode) as Encoded // as above
  }

  opened(opening: StreamOpening): Frame {
    const { status, gap, replayed } = opening
    const last = this.#opened
    // Those who come back together, and polls that wait for the same event, come from one place.
    if (last?.opening.status === status && last.opening.gap === gap && last.opening.replayed === replayed)
      return last.frame
    const frame = new EncodedFrame(this.#answer, this, opening)
    this.#opened = { opening, frame }
    return frame
  }
}
