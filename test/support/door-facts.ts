import type { IncomingMessage } from 'node:http'
import type { DoorFacts } from '../../src/server/request-context.ts'

/** What a door is told of a request, with its credentials and without anything that the app would find out besides. */
export function factsOf({ headers, url = '' }: IncomingMessage): DoorFacts {
  return {
    requestId: `request ${url.length}`,
    credentials: {
      apiKey: null,
      bearer: headers.authorization?.replace('Bearer ', '') ?? null,
      sessionCookie: headers.cookie?.replace('session=', '') ?? null,
    },
    client: { ip: null, userAgent: headers['user-agent'] ?? null, device: null, requestId: null },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
  }
}
