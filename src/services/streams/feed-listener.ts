import type { LiveEvent } from './live-events.ts'

/** One who reads the topic. All functions return at once and never throw; joining and leaving meanwhile is allowed. */
export interface FeedListener {
  /** Gives the event that follows the feed's head. Says whether the listener is past it now. */
  offer(event: LiveEvent): boolean
  /** The topic, which had none, has an epoch: the place before the first event is offset 0 of it from now on. */
  begun(blank: string, epoch: string): void
  /** The feed goes on from another place: events up to there are not offered. */
  restarted(): void
  /** Nothing will come any more. */
  fail(reason: unknown): void
}
