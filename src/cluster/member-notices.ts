import type { BusStatus, ProcessLoad } from '../core/cluster.ts'
import type { DrainOrder } from './drain-order.ts'

/** Why a member cannot start; meant for people. */
export interface StartFailure {
  readonly code: string
  readonly message: string
}

const loadFigures = [
  'uptimeMs',
  'loopDelayP50Ms',
  'loopDelayP99Ms',
  'loopDelayMaxMs',
  'loopUtilization',
  'cpuCores',
  'rssBytes',
  'heapUsedBytes',
  'heapTotalBytes',
  'externalBytes',
  'threads',
  'busyThreads',
  'zombieThreads',
  'waitingAttempts',
  'connections',
  'streams',
] as const satisfies readonly (keyof ProcessLoad)[]

const busKinds: readonly unknown[] = ['local', 'ipc', 'redis'] satisfies BusStatus['kind'][]

/** `null`, as of all readers here, when it is not what it should be. */
export function readLoad(body: unknown): ProcessLoad | null {
  if (!isObject(body) || !loadFigures.every((name) => Number.isFinite(body[name]))) return null
  const { bus } = body
  const isBus =
    isObject(bus) &&
    busKinds.includes(bus['kind']) &&
    typeof bus['isLive'] === 'boolean' &&
    Number.isFinite(bus['since'])
  // Each figure was looked at above.
  return isBus ? (body as unknown as ProcessLoad) : null
}

export function readStartFailure(body: unknown): StartFailure | null {
  if (!isObject(body)) return null
  const { code, message } = body
  if (typeof code !== 'string' || typeof message !== 'string') return null
  return { code: code.slice(0, 100), message: message.slice(0, maxSentence) }
}

/** For how many ms a member will not be heard. */
export function readPause(body: unknown): number | null {
  if (!isObject(body)) return null
  const { ms } = body
  return typeof ms === 'number' && ms >= 0 ? ms : null
}

const maxSentence = 2_000

/** The `reason` of a notice. */
export function readReason(body: unknown): string | null {
  return isObject(body) && typeof body['reason'] === 'string' ? body['reason'].slice(0, maxSentence) : null
}

export function readDrain(body: unknown): DrainOrder | null {
  if (!isObject(body)) return null
  const { unreadyMs, drainMs, keepIdleMs } = body
  return isTime(unreadyMs) && isTime(drainMs) && isTime(keepIdleMs) ? { unreadyMs, drainMs, keepIdleMs } : null
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
