import type { Holdable } from '../../../services/accounts/authentication/holdable.ts'
import type { StreamItem, StreamOpening, TopicStream } from '../../../services/streams/stream.ts'
import { Refusal } from '../../../core/errors.ts'
import type { Frame, FrameSink, FrameStream, StreamEnd, StreamObservation } from '../../operation.ts'
import type { GroupFrame } from './frame.ts'
import type { Group, Member } from './group.ts'

export interface SubscriberOptions {
  /** Its own, opened where it wants to begin. */
  readonly stream: TopicStream
  readonly group: Group
  /** Called once, when nothing will be sent any more. */
  over(end: StreamEnd): void
  /** So many characters of payloads were read from the log and sent. */
  replayed(characters: number): void
  readonly watched?: Pick<StreamObservation, 'tally' | 'gap'> | undefined
}

/**
 * `new`: nothing is sent yet. `reading`: from its own stream. `live`: a member of the group. `paused`: its sink takes nothing,
 * and all that is kept is the place. `ended`.
 */
type State = 'new' | 'reading' | 'live' | 'paused' | 'ended'

/**
 * One subscriber: a reader of the log, until it is up to date and becomes a member of its group; a reader again when its sink
 * was not writable, from the place where it stopped. Nothing is queued for it.
 */
export class Subscriber implements FrameStream, Member, Holdable {
  readonly finished: boolean
  readonly #stream: TopicStream
  readonly #group: Group
  readonly #options: SubscriberOptions
  #sink: FrameSink | null = null
  #state: State = 'new'
  /** Resolves when it is released; `null` while it is not held. */
  #held: PromiseWithResolvers<void> | null = null
  /** Whether it waits for something that makes it go on. */
  #isBusy = false
  /** Whether its stream is parked; then this is the place after what was sent. */
  #isParked = false
  #epoch = ''
  #offset = 0
  #cursor: string | null
  /** Why it was over before it began. */
  #failure: { readonly reason: unknown } | null = null
  /** What the first frame has to tell, if that is one of the group. */
  #opening: StreamOpening | null = null
  #replayed = 0
  #frames = 0
  readonly #tally: StreamObservation['tally']

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#tally = options.watched?.tally ?? { deliveries: 0 }
    this.#stream = options.stream
    this.#group = options.group
    this.#cursor = this.#owesSnapshot ? null : options.stream.cursor
    this.finished = options.stream.finished
  }

  get upToDate(): boolean {
    if (this.#state === 'paused' && this.#isParked) return !this.#owesSnapshot && this.#isAtHead
    return this.#state === 'live' || (!this.#isBusy && !this.#isParked && this.#stream.upToDate)
  }

  get cursor(): string | null {
    return this.#cursor
  }

  begin(sink: FrameSink): void {
    if (this.#failure !== null) return sink.ended(this.#failure.reason)
    if (this.#state !== 'new') throw new TypeError('A stream begins once.')
    this.#sink = sink
    this.#read()
  }

  resume(): void {
    if (this.#state === 'paused' && this.#held === null) this.#read()
  }

  end(): void {
    this.#finish('LEFT')
  }

  /** Ends it with a reason that its client may be told. */
  fail(reason: unknown): void {
    const sink = this.#sink
    if (!this.#finish(howItEnds(reason))) return
    if (sink === null) this.#failure = { reason }
    else sink.ended(reason)
  }

  /** From now on it is as if its sink were not writable. */
  hold(): void {
    this.#held ??= Promise.withResolvers()
    if (this.#state === 'live') this.#pause()
  }

  release(): void {
    this.#held?.resolve()
    this.#held = null
    this.resume()
  }

  readOn(): void {
    if (this.#state === 'live') this.#read()
  }

  deliver(frames: readonly GroupFrame[], from: number): void {
    let next = this.#offset + 1 - from
    if (next < 0) {
      this.#group.leave(this)
      return this.#read()
    }
    for (; this.#state === 'live'; next += 1) {
      const frame = frames[next]
      if (frame === undefined) return
      if (!this.#maySend) return this.#pause()
      // A log that was never written gets an epoch with its first event.
      this.#epoch = frame.epoch
      this.#offset = frame.offset
      this.#send(this.#opening === null ? frame : frame.opened(this.#opening))
    }
  }

  get #maySend(): boolean {
    return this.#held === null && this.#sink?.isWritable === true
  }

  /** Whether its stream has a snapshot to give that was not taken. */
  get #owesSnapshot(): boolean {
    const { opening } = this.#stream
    return opening !== null && opening.status !== 'recovered'
  }

  /** Whether nothing is known to follow what was sent. */
  get #isAtHead(): boolean {
    const { epoch, offset } = this.#stream.live.position
    return epoch === this.#epoch && offset <= this.#offset
  }

  #pause(): void {
    if (this.#state === 'live') this.#group.leave(this)
    else this.#park()
    this.#state = 'paused'
  }

  /** Lets its stream cost nothing until it is read again. */
  #park(): void {
    const { epoch, offset } = this.#stream.position
    this.#epoch = epoch
    this.#offset = offset
    this.#stream.park()
    this.#isParked = true
  }

  /** Reads its own stream, from the place that it has come to. */
  #read(): void {
    this.#state = 'reading'
    if (this.#isParked) {
      this.#isParked = false
      this.#stream.seek({ epoch: this.#epoch, offset: this.#offset })
    }
    this.#advance()
  }

  #advance(): void {
    if (this.#isBusy) return
    const awaited = this.#sendWhatIsThere()
    this.#countReplayed()
    if (awaited === null) return
    this.#isBusy = true
    awaited.then(
      () => {
        this.#isBusy = false
        this.#advance()
      },
      (reason: unknown) => this.fail(reason),
    )
  }

  /** Answers what has to be waited for; `null` when it will be called to go on, or is over. */
  #sendWhatIsThere(): Promise<void> | null {
    while (this.#state === 'reading') {
      if (!this.#maySend) {
        this.#pause()
        return null
      }
      const item = this.#stream.take()
      if (item === null && this.#stream.upToDate) {
        this.#goLive()
        return null
      }
      const awaited = item === null ? this.#awaitMore() : this.#sendItem(item)
      if (awaited !== null) return awaited
    }
    return null
  }

  async #awaitMore(): Promise<void> {
    if (!(await this.#stream.ready())) this.fail(null)
  }

  #sendItem({ position, body, last, ...item }: StreamItem): Promise<void> | null {
    const { opening } = item
    if (opening?.gap === true) this.#options.watched?.gap()
    const made =
      opening === null
        ? this.#group.frameOf({ ...position, body, last })
        : this.#group.openingFrame({ position, body, last, ...item }, opening)
    if (made instanceof Promise) return this.#sendMade(made)
    this.#sendRead(made)
    return null
  }

  /** What was taken before it was held is sent when it is released. */
  async #sendMade(made: Promise<Frame>): Promise<void> {
    const frame = await made
    while (this.#held !== null) await this.#held.promise
    this.#sendRead(frame)
  }

  #sendRead(frame: Frame): void {
    if (this.#state === 'ended') return
    this.#replayed += frame.payload.length
    this.#send(frame)
  }

  #send(frame: Frame): void {
    this.#opening = null
    this.#frames += 1
    this.#tally.deliveries += 1
    this.#cursor = frame.cursor
    this.#sink?.send(frame)
    if (frame.last) this.fail(null)
  }

  #goLive(): void {
    this.#opening = this.#stream.opening
    this.#park()
    this.#state = 'live'
    this.#group.enter(this, this.#stream.live)
    this.#sink?.upToDate?.()
  }

  #countReplayed(): void {
    if (this.#replayed > 0) this.#options.replayed(this.#replayed)
    this.#replayed = 0
  }

  /** Says whether it was not over before. */
  #finish(how: string): boolean {
    if (this.#state === 'ended') return false
    if (this.#state === 'live') this.#group.leave(this)
    this.#state = 'ended'
    this.#sink = null
    void this.#stream.return()
    this.#options.over({ frames: this.#frames, how })
    return true
  }
}

function howItEnds(reason: unknown): string {
  if (reason === null) return 'COMPLETE'
  return reason instanceof Refusal ? reason.code : 'INTERNAL'
}
