import { placeOf, problemOf } from './problem.ts'
import type { RedisAddress } from './redis-url.ts'

interface Explanation {
  /** What it looks like, in the code of the error or in its message. */
  readonly sign: RegExp
  readonly sentence: (place: string, problem: string, isSecure: boolean) => string
}

/** From the particular to the general: the first that fits is told. */
const explanations: readonly Explanation[] = [
  {
    sign: /sentinel.*(NOAUTH|WRONGPASS)/,
    sentence: (place, problem) =>
      `Not let in by the Sentinels: ${place} (${problem}). Give ?sentinelUser=…&sentinelPassword=… in REDIS_URL, percent-encoded.`,
  },
  {
    sign: /NOAUTH|WRONGPASS|invalid password|DENIED/,
    sentence: (place, problem) =>
      `Redis at ${place} does not let Millrace in (${problem}). Give the user and the password in REDIS_URL, percent-encoded.`,
  },
  {
    sign: /NOPERM/,
    sentence: (place, problem) =>
      `Redis at ${place} does not let the user of REDIS_URL do what is needed (${problem}). Allow it ~millrace:* &millrace:* +@connection +@pubsub +@scripting +@string +@read +del +expire +info.`,
  },
  {
    sign: /^ERR_SSL|^EPROTO|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/,
    sentence: (place, problem) =>
      `No TLS connection to Redis at ${place} can be made (${problem}). If it speaks no TLS, write redis:// in REDIS_URL; if it does, name its authority in NODE_EXTRA_CA_CERTS.`,
  },
  {
    sign: /sentinel/i,
    sentence: (place, problem) =>
      `Redis is not to be found: ${place} (${problem}). Set REDIS_URL to Sentinels that run and know a master of that name.`,
  },
  {
    sign: /DB index is out of range/,
    sentence: (place) => `Redis at ${place} has no database of that number. Take it out of REDIS_URL.`,
  },
  {
    sign: /^E[A-Z_]+$|Connection is closed|timed out|in time|LOADING/,
    sentence: (place, problem, isSecure) =>
      `Redis at ${place} cannot be reached (${problem}). Start it, or set REDIS_URL to one that runs; ${isSecure ? 'if it speaks no TLS, write redis://.' : 'if it speaks TLS, write rediss://.'}`,
  },
]

/** The sentence for an error of a connection: what is the matter, and what to do about it. */
export function explainFailure(error: unknown, address: RedisAddress): string {
  const place = placeOf(address)
  const problem = problemOf(error, address)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const found = explanations.find(({ sign }) => sign.test(code) || sign.test(problem))
  return (
    found?.sentence(place, problem, address.isSecure) ??
    `What answers at ${place} is no Redis (${problem}). Set REDIS_URL to one, 6.2 or later, or to a Valkey.`
  )
}
