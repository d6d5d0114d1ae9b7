import type { RedisAddress } from './redis-url.ts'

/**
 * What went wrong, in a line that may be logged: of an error only the message, since ioredis hangs the failed command with its
 * arguments on it, and without the passwords, which a server that does not know a command repeats.
 */
export function problemOf(error: unknown, { password, sentinel }: RedisAddress): string {
  const secrets = [password, sentinel?.password ?? null].filter((secret) => secret !== null)
  const message = error instanceof Error ? error.message : String(error)
  const text = secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), message)
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
}

/** Where Redis is, for people: hosts and ports only. */
export function placeOf({ endpoints, sentinel }: RedisAddress): string {
  const hosts = endpoints.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`))
  return sentinel === null ? hosts.join(', ') : `${sentinel.name} of the Sentinels ${hosts.join(', ')}`
}
