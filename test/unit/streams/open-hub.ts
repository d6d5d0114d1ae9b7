import { formatCursor, type Position } from '../../../src/core/cursor.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import type {
  Hub,
  OpenStream,
  ResumeRequest,
  StreamItem,
  TopicFollower,
  TopicStream,
} from '../../../src/services/streams/stream.ts'
import { type CollectingLogger, collectingLogger } from '../../support/collecting-logger.ts'
import { createMemoryLog, type MemoryLog, type MemoryLogOptions } from '../../support/memory-log.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { createScriptedBus, type ScriptedBus, type ScriptedBusOptions } from '../../support/scripted-bus.ts'

/** A hub over a log and a bus that the test moves itself. */
export interface TestHub {
  readonly hub: Hub
  readonly log: MemoryLog
  readonly bus: ScriptedBus
  readonly logger: CollectingLogger
  readonly clock: ReturnType<typeof fakeClock>
  /** What the hub does every 10 to 25 s. */
  checkPositions(): Promise<void>
  /** What the hub does about every half second while the bus is not live. Throws when it is. */
  lookInOutage(): Promise<void>
  readonly isLookingInOutage: boolean
  /** Opens the topic `t`; a snapshot is `{ head }`, the offset that it belongs to. */
  open(resume?: Partial<ResumeRequest> | null, more?: Pick<OpenStream, 'onDemand'>): Promise<TopicStream>
  /** Commits events with bodies `{ n }` and brings them to the hub. */
  publish(...ns: readonly number[]): void
  /** Commits events that the bus loses. */
  lose(...ns: readonly number[]): void
}

export function openHub(options: MemoryLogOptions & ScriptedBusOptions = {}): TestHub {
  const log = createMemoryLog(options)
  const bus = createScriptedBus(options)
  const logger = collectingLogger()
  const clock = fakeClock()
  let checkPositions = async () => undefined as void
  const repeat = (check: () => Promise<void>) => {
    checkPositions = check
    return () => undefined
  }
  let look: (() => Promise<void>) | null = null
  const repeatInOutage = (work: () => Promise<void>) => {
    look = work
    return () => {
      look = null
    }
  }
  const hub = createHub({ store: log, bus, logger, clock, repeat, repeatInOutage })
  const lose = (...ns: readonly number[]) => ns.map((n) => log.append('t', { n }))
  return {
    hub,
    log,
    bus,
    logger,
    clock,
    checkPositions: () => checkPositions(),
    async lookInOutage() {
      if (look === null) throw new Error('The hub does not look.')
      await look()
    },
    get isLookingInOutage() {
      return look !== null
    },
    open: (resume = null, more = {}) =>
      hub.open({
        ...more,
        topic: 't',
        resume: resume === null ? null : { after: null, onGap: 'snapshot', ...resume },
        snapshot: async (records) => ({ head: (await records.log.head('t')).offset }),
      }),
    publish: (...ns) => lose(...ns).forEach((event) => bus.deliver(event)),
    lose,
  }
}

/** A stream that is up to date, after its snapshot. */
export async function openAtHead(test: TestHub): Promise<TopicStream> {
  const stream = await test.open()
  await take(stream, 1)
  return stream
}

/** The place after an offset of the log as it is now. */
export function at({ log }: TestHub, offset: number): Position {
  return { epoch: log.head('t').epoch, offset }
}

/** The same as a cursor. */
export function cursorAt(test: TestHub, offset: number): string {
  return formatCursor(at(test, offset))
}

/** The body of an event that is not kept at hand, whatever else is. */
export function tooLarge(n: number) {
  return { n, text: 'x'.repeat(300_000) }
}

/** The next so many items of a stream. Throws when it ends before. */
export async function take(stream: TopicStream, count: number): Promise<readonly StreamItem[]> {
  const items: StreamItem[] = []
  while (items.length < count) {
    const result = await stream.next()
    if (result.done === true) throw new Error(`The stream ended after ${items.length} items.`)
    items.push(result.value)
  }
  return items
}

/** All items until the stream ends. */
export async function takeAll(stream: TopicStream): Promise<readonly StreamItem[]> {
  const items: StreamItem[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** The bodies' numbers. */
export function numbers(items: readonly StreamItem[]): readonly unknown[] {
  return items.map(({ body }) => body['n'])
}

/** A follower that writes down what it hears: numbers of events, then how the following ended. */
export function listening(): TopicFollower & { readonly heard: readonly unknown[] } {
  const heard: unknown[] = []
  return {
    heard,
    event: ({ body }) => heard.push(body['n']),
    interrupted: () => heard.push('interrupted'),
    failed: (reason) => heard.push(reason instanceof Error ? reason.message : reason),
  }
}
