import type { Frame, FrameSink, FrameStream } from '../operation.ts'
import type { DrainCalls } from './drain.ts'
import { stoppingRefusal } from './json-answer.ts'
import type { Flushable, Outbox } from './outbox.ts'
import type { PollRequest } from './params.ts'
import type { PollPage } from './poll-page.ts'
import { isOfCredential } from './how-streams-end.ts'

/** What a poll comes to. */
export type PollOutcome =
  | ({ readonly type: 'page' } & PollPage)
  /** Nothing happened in time. */
  | { readonly type: 'nothing'; readonly cursor: string }
  | { readonly type: 'failure'; readonly reason: unknown }
  /** It is not answered: its client has gone, or the server must. */
  | { readonly type: 'broken off' }

/** The characters of payloads after which an answer takes no further one. */
const answerCharacters = 1024 * 1024

/**
 * A subscription for the time of one poll: waits for the first event at most as long as asked, then takes what is there
 * without waiting. Ends the stream in any case, and says once, in `onOutcome`, what came of it.
 */
export class PollSubscription implements FrameSink, Flushable, DrainCalls {
  readonly #stream: FrameStream
  readonly #poll: PollRequest
  readonly #outbox: Outbox
  readonly #onOutcome: (outcome: PollOutcome) => void
  readonly #items: Frame[] = []
  #characters = 0
  #isClosed = false
  #isInOutbox = false
  #isOver = false
  #wait: NodeJS.Timeout | null = null
  #isLate = false

  constructor(stream: FrameStream, poll: PollRequest, outbox: Outbox, onOutcome: (outcome: PollOutcome) => void) {
    this.#stream = stream
    this.#poll = poll
    this.#outbox = outbox
    this.#onOutcome = onOutcome
  }

  begin(): void {
    this.#isClosed = this.#stream.finished
    if (this.#isClosed) return this.#conclude()
    this.#stream.begin(this)
    if (this.#isOver) return
    if (this.#poll.waitMs === 0) this.#consider()
    else this.#wait = setTimeout(isLate, this.#poll.waitMs, this)
  }

  get isWritable(): boolean {
    return !this.#isOver && !this.#isClosed && !this.#isFull
  }

  send(frame: Frame): void {
    if (this.#isOver) return
    this.#items.push(frame)
    this.#characters += frame.payload.length
    this.#isClosed = frame.last
    this.#consider()
  }

  upToDate(): void {
    this.#consider()
  }

  ended(reason: unknown): void {
    if (this.#isOver) return
    if (reason === null) {
      this.#isClosed = true
      this.#conclude()
      // What was collected is not lost: the next poll is told. But it is not for who may not see it any more.
    } else if (this.#items.length === 0 || isOfCredential(reason)) this.#settle({ type: 'failure', reason })
    else this.#conclude(false)
  }

  /** Answers, if there is reason to, what has come by the end of a piece of work. */
  flush(): void {
    this.#isInOutbox = false
    if (!this.#isOver && this.#isDue) this.#conclude()
  }

  /** The wait is over. Of what happened before, the first is still waited for: it may take longer to be read. */
  late(): void {
    this.#isLate = true
    this.#consider()
  }

  wake(): void {
    if (!this.#isOver) this.#conclude()
  }

  force(): void {
    if (!this.#isOver) this.#settle({ type: 'broken off' })
  }

  get #isFull(): boolean {
    return this.#items.length >= this.#poll.max || this.#characters >= answerCharacters
  }

  get #isDue(): boolean {
    if (this.#isClosed || this.#isFull) return true
    const hasItems = this.#items.length > 0
    if (this.#stream.upToDate) return hasItems || this.#isLate || this.#poll.waitMs === 0
    return hasItems && this.#isLate
  }

  #consider(): void {
    if (this.#isInOutbox || this.#isOver) return
    this.#isInOutbox = true
    this.#outbox.add(this)
  }

  #conclude(upToDate = this.#stream.upToDate): void {
    const items = this.#items
    const closed = this.#isClosed
    const cursor = items.at(-1)?.cursor ?? this.#stream.cursor
    // Only who must end at once has nothing to go on from.
    if (cursor === null) this.#settle({ type: 'failure', reason: stoppingRefusal() })
    else if (items.length === 0 && !closed) this.#settle({ type: 'nothing', cursor })
    else this.#settle({ type: 'page', items, cursor, upToDate: closed || upToDate, closed })
  }

  #settle(outcome: PollOutcome): void {
    this.#isOver = true
    if (this.#wait !== null) clearTimeout(this.#wait)
    this.#stream.end()
    this.#onOutcome(outcome)
  }
}

function isLate(subscription: PollSubscription): void {
  subscription.late()
}
