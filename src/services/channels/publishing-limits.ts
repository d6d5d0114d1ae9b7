import type { RateLimiter } from '../../ports/rate-limiter.ts'

/** What is counted before anything is published. */
export interface PublishingLimiters {
  /** Messages and notices of one user. */
  readonly byUser: RateLimiter
  /** Messages on one channel. */
  readonly byChannel: RateLimiter
  /** Bytes that one user fills the log with. */
  readonly bytesByUser: RateLimiter
  /** Channels that one user begins: the log of each stays for weeks, however little is published on it. */
  readonly begunByUser: RateLimiter
}

/** How often and how much, over what time. */
export interface PublishingPolicy {
  readonly messagesPerMinuteByUser: number
  readonly messagesPerMinuteByChannel: number
  readonly bytesPerHourByUser: number
  readonly newChannelsPerDayByUser: number
}

/** What each of the limiters allows, over how many seconds. */
export function publishingLimits(policy: PublishingPolicy) {
  return {
    byUser: { attempts: policy.messagesPerMinuteByUser, seconds: 60 },
    byChannel: { attempts: policy.messagesPerMinuteByChannel, seconds: 60 },
    bytesByUser: { attempts: policy.bytesPerHourByUser, seconds: 3600 },
    begunByUser: { attempts: policy.newChannelsPerDayByUser, seconds: 24 * 3600 },
  } as const satisfies Record<keyof PublishingLimiters, { readonly attempts: number; readonly seconds: number }>
}

/** What a message takes in the log besides its body, in bytes. */
export const messageOverheadBytes = 512
