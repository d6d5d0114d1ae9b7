import { clientTimes } from '../../../client/times.ts'
import type { Course } from '../../../client/course.ts'
import type { Frame, NamedTransport, OpenOptions, OperationError, UnavailableError } from '../../../client/frame.ts'
import { createFrameQueue } from '../../../client/frame-queue.ts'
import { createOutage } from '../../../client/outage.ts'
import { transportMemory } from '../../../client/transport-memory.ts'

type Name = NamedTransport['name']

/** How a transport behaves: lets through, refuses at once, holds everything back, or takes up and cuts at once. */
export type Passage = 'open' | 'refused' | 'held' | 'dropped'

/** A log of numbered events behind three transports, each of which the test opens and shuts. */
export interface ScriptedServer {
  readonly passage: Record<Name, Passage>
  /** The connections that are open or being opened now, in the order in which they came. */
  readonly open: readonly { readonly name: Name; readonly after: string | null }[]
  /** All that was ever opened. */
  readonly opened: readonly Name[]
  /** The events before this offset are not kept. */
  oldest: number
  readonly head: number
  publish(count?: number): void
  /** Completes the operation after the last event. */
  finish(): void
  /** Breaks all connections. */
  cut(): void
  /** Refuses what is opened from now on; `null`: nothing. */
  refusal: OperationError | null
  /** Says so of itself whatever is opened from now on; `null`: it can serve. */
  unavailable: UnavailableError | null
  /** What it says in `retry` to whoever is let in, in ms; `null`: nothing. */
  retryMs: number | null
  /** Every open connection says that it is there. */
  beat(): void
  readonly transports: readonly NamedTransport[]
}

type Opened = Pick<ScriptedServer, 'open'>

interface Link {
  readonly name: Name
  readonly after: string | null
  readonly onSign: () => void
  broken: boolean
  wake: () => void
}

export const cursorOf = (offset: number) => `c1.epoch001.${offset.toString(36)}`

const offsetOf = (frame: Frame | undefined) =>
  Number.parseInt(frame?.extensions?.resume?.cursor.split('.')[2] ?? '', 36)

export function createScriptedServer(): ScriptedServer {
  const links = new Set<Link>()
  const opened: Name[] = []
  const passage: Record<Name, Passage> = { ws: 'open', sse: 'open', poll: 'open' }
  let finished = false
  const server = {
    passage,
    opened,
    oldest: 1,
    head: 0,
    refusal: null as OperationError | null,
    unavailable: null as UnavailableError | null,
    retryMs: null as number | null,
  }
  const wakeAll = () => links.forEach((link) => link.wake())

  async function* stream(link: Link, options: OpenOptions): AsyncGenerator<Frame> {
    opened.push(link.name)
    if (passage[link.name] === 'refused') throw new Error(`No ${link.name} here.`)
    if (server.unavailable !== null) throw server.unavailable
    while (passage[link.name] === 'held' && !link.broken && !options.signal.aborted) await change(link, options.signal)
    if (options.signal.aborted) return
    if (link.broken) throw new Error('It was cut.')
    options.onOpen()
    if (passage[link.name] === 'dropped') throw new Error('It was cut.')
    if (server.retryMs !== null) options.onRetry(server.retryMs)
    if (server.refusal !== null) throw server.refusal
    const opening = openingAt(options.resume.after)
    if (opening.report !== null) yield frame(opening.at, opening.report)
    yield* eventsAfter(opening.at, link, options.signal)
  }

  /** Where a stream begins, and what it begins with if not with an event. */
  function openingAt(after: string | null): { at: number; report: object | null } {
    if (after === null) return { at: server.head, report: { status: 'fresh', gap: false } }
    const at = Number.parseInt(after.split('.')[2] ?? '', 36)
    if (at >= server.oldest - 1 && at <= server.head) return { at, report: null }
    return { at: server.head, report: { status: 'snapshot', gap: true } }
  }

  async function* eventsAfter(offset: number, link: Link, signal: AbortSignal): AsyncGenerator<Frame> {
    let at = offset
    while (!signal.aborted) {
      if (link.broken) throw new Error('It was cut.')
      if (at < server.head) {
        at += 1
        yield frame(at, {})
      } else if (finished) return
      else await change(link, signal)
    }
  }

  return Object.assign(Object.defineProperty(server, 'open', { get: () => [...links] }) as typeof server & Opened, {
    publish(count = 1) {
      server.head += count
      wakeAll()
    },
    finish() {
      finished = true
      wakeAll()
    },
    cut() {
      for (const link of links) link.broken = true
      wakeAll()
    },
    beat: () => links.forEach((link) => link.onSign()),
    transports: (['ws', 'sse', 'poll'] as const).map((name) => ({
      name,
      async *open(options: OpenOptions) {
        const link: Link = { name, after: options.resume.after, onSign: options.onSign, broken: false, wake: () => {} }
        links.add(link)
        try {
          yield* stream(link, options)
        } finally {
          links.delete(link)
        }
      },
    })),
  })
}

const frame = (offset: number, more: object): Frame => ({
  data: { n: offset },
  extensions: { resume: { cursor: cursorOf(offset), ...more } },
})

/** Waits until the link is woken or let go. */
async function change(link: Link, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    link.wake = resolve
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

let origins = 0

/** A subscription to a scripted server, at an address that nobody remembers. */
export function openCourse(server: Pick<ScriptedServer, 'transports'>, given: Partial<Course> = {}) {
  origins += 1
  const stop = new AbortController()
  const url = `http://server-${origins}.example/graphql`
  const connects: Name[] = []
  const course: Course = {
    url,
    operation: { query: 'subscription { counter { n } }' },
    onGap: 'snapshot',
    headers: async () => ({}),
    mayRenew: false,
    transports: server.transports,
    memory: transportMemory(url, clientTimes),
    times: clientTimes,
    queue: createFrameQueue(256),
    onConnect: (name) => void connects.push(name),
    signal: stop.signal,
    outage: createOutage(),
    after: null,
    current: 0,
    proven: false,
    failures: 0,
    ...given,
  }
  return {
    course,
    connects,
    stop() {
      stop.abort()
      course.queue.cut()
    },
  }
}

/** Reads all frames of a course into a list, and notes how it ends. */
export function follow({ queue }: Course) {
  const seen: number[] = []
  const frames: Frame[] = []
  const followed = { seen, frames, end: undefined as unknown }
  void (async () => {
    try {
      for (let next = await queue.next(); next.done !== true; next = await queue.next()) {
        frames.push(next.value)
        seen.push(offsetOf(next.value))
      }
      followed.end = 'done'
    } catch (error) {
      followed.end = error
    }
  })()
  return followed
}
