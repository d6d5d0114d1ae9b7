import { RateLimitedError, Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { OpenCounts } from '../../ports/open-counts.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'
import { networkOf } from '../../services/accounts/limits/limiter-keys.ts'

export interface StreamLimitsOptions {
  /** How many streams a user may have open at once, waiting polls among them. */
  readonly perUser: number
  /**
   * How many a network may (the /24 of an IPv4 address, the /64 of an IPv6 one), those who are signed in and those who are not
   * each, and how many sockets.
   */
  readonly perNetwork: number
  /** Counts the characters of the past that are sent to a user or, to nobody that is known, to a network. */
  readonly replay: RateLimiter
  readonly counts: OpenCounts
}

/** Who a stream is for. */
export interface StreamOwner {
  readonly principal: Principal
  readonly ip: string | null
}

/** A stream that was let in. */
export interface Admission {
  /** So many characters of the past were sent. They are counted, and only whoever opens the next stream is refused. */
  replayed(characters: number): void
  /** The stream is over. */
  leave(): void
}

/** How many streams there may be, and how much of the past they may read. */
export interface StreamLimits {
  /** Lets one in. Throws `TOO_MANY_STREAMS`, and a `RateLimitedError` for who has read too much of the past. */
  admit(owner: StreamOwner): Promise<Admission>
  /** Lets a socket in, with or without streams; call the result when it is closed. Rejects with `TOO_MANY_STREAMS`. */
  admitSocket(ip: string | null): Promise<() => void>
}

/** What opening a stream counts for at least. */
const openingCharacters = 4_096

export function createStreamLimits({ perUser, perNetwork, replay, counts }: StreamLimitsOptions): StreamLimits {
  return {
    async admitSocket(ip) {
      const entry = await counts.enter([{ key: `sockets ${networkOf(ip)}`, limit: perNetwork }])
      if ('full' in entry) throw tooMany('Your network has', perNetwork, 'WebSocket')
      return entry.leave
    },
    async admit({ principal, ip }) {
      const network = networkOf(ip)
      const user = principal.kind === 'anonymous' ? null : principal.userId
      const key = user ?? network
      await replay.consume(key, openingCharacters).catch((error: unknown) => {
        throw error instanceof RateLimitedError ? tooMuch(user, error) : error
      })
      // Those who are known are no reason to refuse those who are not, and the other way round.
      const byNetwork = { key: `${user === null ? 'unknown' : 'known'} ${network}`, limit: perNetwork }
      const byUser = { key: `user ${user}`, limit: perUser }
      const entry = await counts.enter(user === null ? [byNetwork] : [byUser, byNetwork])
      if ('full' in entry) {
        const whoHas = entry.full.key === byUser.key ? 'You have' : 'Your network has'
        throw tooMany(whoHas, entry.full.limit, 'stream')
      }
      return {
        replayed(characters) {
          // What is over the limit is refused to whoever comes next.
          replay.consume(key, characters).catch(() => undefined)
        },
        leave: entry.leave,
      }
    },
  }
}

/** Nobody knows when one of them will end. */
const retryAfterSeconds = 5

function tooMany(whoHas: string, limit: number, noun: string): Refusal {
  const sentence = `${whoHas} ${counted(limit, noun)} open, which is as many as are allowed; end one first.`
  return new Refusal('TOO_MANY_STREAMS', sentence, { limit, retryAfterSeconds })
}

function tooMuch(user: string | null, { retryAfterSeconds: seconds }: RateLimitedError): RateLimitedError {
  const what = 'opened as many streams, or had as much of the past sent again, as is allowed'
  const whoHas = user === null ? 'Your network has' : 'You have'
  return new RateLimitedError(`${whoHas} ${what}; wait ${counted(seconds, 'second')}.`, seconds)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
