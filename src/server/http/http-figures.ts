import type { ServerResponse } from 'node:http'
import type { Readings } from '../../core/metrics.ts'

/** Counts answers by the path of the routing table that they are of; `null`: by none of them. */
export interface HttpFigures {
  /** The answer has been sent, or its connection was lost; one of which nothing was sent is none. */
  answered(route: string | null, response: ServerResponse): void
  /** An answer that was written without a response object. */
  answeredRaw(route: string | null, status: number): void
  read(): Readings
}

export function createHttpFigures(): HttpFigures {
  /** By path and status. */
  const counts = new Map<string, Map<number, number>>()

  function count(route: string | null, status: number): void {
    const path = route ?? 'other'
    const byStatus = counts.get(path) ?? new Map<number, number>()
    counts.set(path, byStatus.set(status, (byStatus.get(status) ?? 0) + 1))
  }

  return {
    answered(route, response) {
      if (response.headersSent) count(route, response.statusCode)
    },
    answeredRaw: count,
    read: () => ({
      millrace_http_responses_total: [...counts].flatMap(([route, byStatus]) =>
        [...byStatus].map(([status, value]) => ({ labels: { route, status: String(status) }, value })),
      ),
    }),
  }
}
