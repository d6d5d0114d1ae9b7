import type { Principal } from '../../core/principal.ts'
import type { TopicStream } from '../streams/stream.ts'
import { type AcceptedMessage, createPublishing, type NewMessage, type PublishingOptions } from './publish-message.ts'
import { type ChannelWish, createListening, type ListeningOptions } from './watch-channel.ts'

/**
 * Channels: who publishes on one reaches whoever listens to it. A table says which there are, and who may do what.
 * Both throw `UNAUTHENTICATED`, `SESSION_REVOKED`, `INSUFFICIENT_SCOPE`, `MFA_ENROLMENT_REQUIRED`, `FORBIDDEN`, an
 * `InvalidInputError`, and `NotFoundError` for a channel that there is not, or that is another user's.
 */
export interface Channels {
  /** Publishes a message. Throws `RateLimitedError` and `IDEMPOTENCY_CONFLICT`, too. */
  publish(principal: Principal, message: NewMessage): Promise<AcceptedMessage>
  /** The topic `channel:<name>`; item bodies are `ChannelEvent`. Throws what a cursor is refused with, too. */
  watch(principal: Principal, wish: ChannelWish): Promise<TopicStream>
}

/** `Channels` over the event log. */
export function createChannels(options: PublishingOptions & ListeningOptions): Channels {
  return { publish: createPublishing(options), watch: createListening(options) }
}
