import { parseCursor, type Position } from '../../../../../src/core/cursor.ts'
import type { EventBody } from '../../../../../src/ports/event-log.ts'
import type { Frame, FrameSink } from '../../../../../src/server/operation.ts'
import type { Answer } from '../../../../../src/server/streams/groups/execution.ts'
import { createFanOut } from '../../../../../src/server/streams/groups/fan-out.ts'
import { createFrameCaches } from '../../../../../src/server/streams/groups/frame-cache.ts'
import { createGroups } from '../../../../../src/server/streams/groups/groups.ts'
import { Subscriber } from '../../../../../src/server/streams/groups/subscriber.ts'
import type { ResumeRequest } from '../../../../../src/services/streams/stream.ts'
import { openHub } from '../../../streams/open-hub.ts'

/** What a subscriber got, as its client sees it. */
export interface Received {
  readonly n: unknown
  readonly position: Position
  readonly status: string | null
  readonly gap: boolean
}

/** A client whose socket takes as much as the test lets it. */
export class TestSink implements FrameSink {
  readonly received: Received[] = []
  readonly frames: Frame[] = []
  /** How many more frames it takes. */
  room: number
  over: { readonly reason: unknown } | null = null
  timesUpToDate = 0

  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room
  }

  get isWritable(): boolean {
    return this.room > 0
  }

  send(frame: Frame): void {
    if (this.over !== null) throw new Error('A frame was sent after the end.')
    this.room -= 1
    this.frames.push(frame)
    const { data, extensions } = JSON.parse(frame.payload)
    const position = parseCursor(extensions.resume.cursor)
    if (position === null || extensions.resume.cursor !== frame.cursor) throw new Error(`The cursor ${frame.cursor}.`)
    const { status = null, gap = false } = extensions.resume
    this.received.push({ n: data.n, position, status, gap })
  }

  upToDate(): void {
    this.timesUpToDate += 1
  }

  ended(reason: unknown): void {
    if (this.over !== null) throw new Error('It ended twice.')
    this.over = { reason }
  }
}

export interface GroupsOptions {
  /** Called for each execution; what it answers is waited for. */
  readonly executing?: (body: EventBody) => Promise<void> | null
  readonly maxBytes?: number
  /** Whether the execution fails. */
  readonly failing?: (body: EventBody) => boolean
}

/** Groups over a hub whose log and bus the test moves itself. */
export function openGroups({ executing = () => null, failing = () => false, maxBytes }: GroupsOptions = {}) {
  const test = openHub()
  const caches = createFrameCaches(maxBytes)
  const groups = createGroups({ caches, fanOut: createFanOut() })
  const executed: EventBody[] = []
  const replayed: number[] = []

  function execute(body: EventBody): Answer | Promise<Answer> {
    executed.push(body)
    const answer = { text: JSON.stringify({ data: { n: body['n'] ?? null } }), failed: failing(body) }
    return executing(body)?.then(() => answer) ?? answer
  }

  async function enlist(resume: Partial<ResumeRequest> | null = null): Promise<Subscriber> {
    const stream = await test.open(resume)
    const group = groups.acquire('g', () => execute)
    const over = () => groups.release('g')
    return new Subscriber({ stream, group, over, replayed: (count) => void replayed.push(count) })
  }

  return {
    ...test,
    groups,
    caches,
    executed,
    replayed,
    /** A subscriber of the one group that has not begun. */
    enlist,
    /** One that has begun to send, unless it was held before. */
    async subscribe(
      sink: TestSink,
      resume: Partial<ResumeRequest> | null = null,
      { held = false } = {},
    ): Promise<Subscriber> {
      const subscriber = await enlist(resume)
      if (held) subscriber.hold()
      subscriber.begin(sink)
      return subscriber
    },
  }
}

export type TestGroups = ReturnType<typeof openGroups>

/** Lets everything happen that is under way. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
