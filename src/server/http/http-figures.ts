import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readings } from '../../core/metrics.ts'
import { matches, type Route } from './routes.ts'

/** Counts answers by the path of the routing table that they are of. */
export interface HttpFigures {
  /** The answer has been sent, or its connection was lost; one of which nothing was sent is none. */
  answered(request: IncomingMessage, response: ServerResponse): void
  /** An answer that was written without a response object; `null`: on none of the paths. */
  answeredRaw(path: string | null, status: number): void
  read(): Readings
}

export function createHttpFigures(routes: readonly Pick<Route, 'path'>[]): HttpFigures {
  /** By status. */
  const others = new Map<number, number>()
  const all = routes.map(({ path }) => ({ path, counts: new Map<number, number>() }))

  function count(path: string | null, status: number): void {
    const counts = (path === null ? null : all.find((route) => matches(route.path, path)))?.counts ?? others
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }

  return {
    answered({ url = '' }, response) {
      if (!response.headersSent) return
      const at = url.indexOf('?')
      count(at === -1 ? url : url.slice(0, at), response.statusCode)
    },
    answeredRaw: count,
    read: () => ({
      millrace_http_responses_total: [...all, { path: 'other', counts: others }].flatMap(({ path, counts }) =>
        [...counts].map(([status, value]) => ({ labels: { route: path, status: String(status) }, value })),
      ),
    }),
  }
}
