import { RateLimitedError } from '../../core/errors.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import type { Store } from '../../ports/store.ts'
import { channelTopic } from './channel-name.ts'

export interface BeginningOptions {
  readonly store: Pick<Store, 'read'>
  /** Channels that one user begins. */
  readonly limiter: RateLimiter
}

/** A user's publishing on one channel that is under way. */
interface Beginning {
  /** Resolves once the channel is known to be there, or is counted. */
  readonly counted: Promise<void>
  publishers: number
}

/**
 * Gives what runs `publish`, which publishes as the user on the channel, and counts it before where that begins the channel: once,
 * however many messages begin it at once. Throws a `RateLimitedError` instead when the user has begun as many as are allowed.
 */
export function createBeginnings({ store, limiter }: BeginningOptions) {
  // No more of them than there are publishers.
  const underWay = new Map<string, Beginning>()

  async function count(userId: string, channel: string): Promise<void> {
    if (await isNew(store, channel)) await consume(limiter, userId)
  }

  return async <Answer>(userId: string, channel: string, publish: () => Promise<Answer>): Promise<Answer> => {
    const key = `${userId} ${channel}`
    // Looked up before the log is read: who comes after the last publisher is gone reads what that one has written.
    const beginning = underWay.get(key) ?? { counted: count(userId, channel), publishers: 0 }
    beginning.publishers += 1
    underWay.set(key, beginning)
    try {
      await beginning.counted
      return await publish()
    } finally {
      beginning.publishers -= 1
      if (beginning.publishers === 0) underWay.delete(key)
    }
  }
}

/** Whether the channel's log has no row: the next message makes it one, which stays for weeks. */
function isNew(store: Pick<Store, 'read'>, channel: string): Promise<boolean> {
  return store.read(async ({ log }) => {
    const { epoch, offset } = await log.head(channelTopic(channel))
    return offset === 0 && (await log.blanks()).includes(epoch)
  })
}

async function consume(limiter: RateLimiter, userId: string): Promise<void> {
  try {
    await limiter.consume(userId)
  } catch (error) {
    throw error instanceof RateLimitedError ? tooManyBegun(error) : error
  }
}

function tooManyBegun({ retryAfterSeconds: seconds }: RateLimitedError): RateLimitedError {
  const wait = `${seconds} second${seconds === 1 ? '' : 's'}`
  const sentence = `You have begun as many new channels as are allowed a day; wait ${wait}, or publish on one that is there.`
  return new RateLimitedError(sentence, seconds)
}
