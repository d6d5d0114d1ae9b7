import type { Logger } from '../../ports/logger.ts'
import type { FeedListener } from './feed-listener.ts'
import type { LiveEvent } from './live-events.ts'
import type { TopicFollower } from './stream.ts'

export interface FollowingOptions {
  readonly follower: TopicFollower
  /** The offset after which it follows. */
  readonly after: number
  readonly topic: string
  readonly logger: Logger
  /** Called once, when nothing can come for the follower any more. */
  leave(following: FeedListener): void
}

/** A follower among the listeners of a feed: never behind, and over as soon as it cannot be given an event. */
export class Following implements FeedListener {
  readonly #options: FollowingOptions
  #offset: number
  #isComplete = false
  #isOver = false

  constructor(options: FollowingOptions) {
    this.#options = options
    this.#offset = options.after
  }

  offer(event: LiveEvent): boolean {
    // Who begins to follow while an event is being told is past it.
    if (event.offset <= this.#offset) return true
    this.#offset = event.offset
    this.#isComplete = event.last
    this.#tell((follower) => follower.event(event))
    if (event.last) this.stop()
    return true
  }

  begun(): void {
    // The place is the same, and so is its offset.
  }

  restarted(): void {
    this.#end((follower) => follower.interrupted())
  }

  fail(reason: unknown): void {
    // Who has heard the last event misses nothing.
    if (this.#isComplete) this.stop()
    else this.#end((follower) => follower.failed(reason))
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.leave(this)
  }

  #end(tell: (follower: TopicFollower) => void): void {
    if (this.#isOver) return
    this.stop()
    this.#tell(tell)
  }

  /** A follower that throws may have lost what it was told: it is over, and its subscribers read on by themselves. */
  #tell(tell: (follower: TopicFollower) => void): void {
    const { follower, topic, logger } = this.#options
    try {
      tell(follower)
    } catch (error) {
      logger.error({ topic, error: String(error) }, 'A follower of a topic failed.')
      this.restarted()
    }
  }
}
