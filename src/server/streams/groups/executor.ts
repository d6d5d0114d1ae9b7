import { formatCursor } from '../../../core/cursor.ts'
import type { EventBody } from '../../../ports/event-log.ts'
import type { LiveEvent } from '../../../services/streams/live-events.ts'
import type { StreamItem, StreamOpening } from '../../../services/streams/stream.ts'
import type { Frame } from '../../operation.ts'
import type { Answer, ExecuteEvent } from './execution.ts'
import { createFrame, type FramePlace, type GroupFrame } from './frame.ts'
import type { FrameCache } from './frame-cache.ts'

/**
 * Makes frames of events, each executed once for as long as its frame is at hand. What failed is executed again for whoever
 * needs it next.
 */
export interface Executor {
  /** The frame of a logged event, at once where nothing has to be waited for. */
  frameOf(event: Pick<LiveEvent, 'epoch' | 'offset' | 'body' | 'last'>): GroupFrame | Promise<GroupFrame>
  /** The first frame of one subscriber: of a snapshot, or of an event that also tells how the stream came to be. */
  openingFrame(item: StreamItem, opening: StreamOpening): Frame | Promise<Frame>
}

export function createExecutor(execute: ExecuteEvent, cache: FrameCache): Executor {
  const executing = new Map<string, Promise<GroupFrame>>()

  /** Executes a body and makes something of the answer. */
  function make<Made>(body: EventBody, toMade: (answer: Answer) => Made): Made | Promise<Made> {
    const answer = execute(body)
    return answer instanceof Promise ? answer.then(toMade) : toMade(answer)
  }

  function toKept({ text, failed }: Answer, place: FramePlace): GroupFrame {
    const frame = createFrame(text, place)
    if (!failed) cache.set(frame)
    return frame
  }

  function frameOf(event: Pick<LiveEvent, 'epoch' | 'offset' | 'body' | 'last'>): GroupFrame | Promise<GroupFrame> {
    const cursor = formatCursor(event)
    const known = cache.get(cursor) ?? executing.get(cursor)
    if (known !== undefined) return known
    const made = make(event.body, (answer) => toKept(answer, event))
    if (!(made instanceof Promise)) return made
    const making = made.finally(() => executing.delete(cursor))
    executing.set(cursor, making)
    return making
  }

  return {
    frameOf,
    openingFrame(item, opening) {
      if (opening.status === 'recovered') {
        const frame = frameOf({ ...item.position, body: item.body, last: item.last })
        return frame instanceof Promise ? frame.then((one) => one.opened(opening)) : frame.opened(opening)
      }
      // A snapshot is of its moment, and stands at the place of an event that it is not.
      const place = { ...item.position, last: item.last }
      return make(item.body, ({ text }) => createFrame(text, place, opening))
    },
  }
}
