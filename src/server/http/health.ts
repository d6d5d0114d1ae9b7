import type { Health } from '../../core/health.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'
import { sendJson } from './send.ts'

export const livenessPath = '/livez'
export const readinessPath = '/readyz'

/** Answers that the process is alive: it looks at nothing, so that a slow database does not get it killed. */
export const livenessDoor: Door = async ({ response, method }) => {
  requireMethod(method, ['GET', 'HEAD'])
  sendJson(response, 200, { status: 'ok' })
}

/** Answers whether requests should be sent here, with what was found of each thing that the server needs. */
export function createReadinessDoor(read: () => Promise<Health>): Door {
  return async ({ response, method }) => {
    requireMethod(method, ['GET', 'HEAD'])
    const { status, checks } = await read()
    sendJson(response, status === 'ok' ? 200 : 503, { status, checks })
  }
}
