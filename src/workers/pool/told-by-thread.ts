import { MessagePort } from 'node:worker_threads'
import type { JobErrorCode, LogLevel } from '../../core/job.ts'
import { maxLogLength } from '../../core/value-limits.ts'
import { maxShards } from '../control.ts'
import type { FromThread, LateError, PartOutcome } from '../messages.ts'
import { cut, maxErrorLength } from '../thread/text-of-error.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Whether it is a message of ours. Code of a task lives beside ours in its thread and can post whatever can be cloned: read
 * without a look, that could end the server.
 */
export function isFromThread(message: unknown): message is FromThread {
  return isRecord(message) && shapes.get(message.type)?.(message) === true
}

/** What an error says that came outside of any attempt; `null` for what is no message of ours. */
export function readLateError(message: unknown): LateError['millraceLateError'] | null {
  const late = isRecord(message) ? message.millraceLateError : null
  if (!isRecord(late) || typeof late.message !== 'string') return null
  const jobId = typeof late.jobId === 'string' ? cut(late.jobId, 100) : null
  return { jobId, message: cut(late.message, maxErrorLength) }
}

const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error'] satisfies LogLevel[])
/** The other codes are for the main thread to give. */
const codes: ReadonlySet<unknown> = new Set(['TASK_ERROR', 'INVALID_OUTPUT'] satisfies JobErrorCode[])

const outcomes = new Map<unknown, (outcome: Fields) => boolean>(
  Object.entries({
    succeeded: ({ json }) => typeof json === 'string',
    planned: ({ shards, reduce }) =>
      Array.isArray(shards) && shards.length <= maxShards && shards.every(isPort) && isPort(reduce),
    answered: () => true,
    failed: ({ code, message }) => codes.has(code) && isText(message, maxErrorLength),
  } satisfies Record<PartOutcome['type'], (outcome: Fields) => boolean>),
)

const shapes = new Map<unknown, (message: Fields) => boolean>(
  Object.entries({
    started: ({ threadId }) => Number.isSafeInteger(threadId),
    progress: ({ fraction, message }) => typeof fraction === 'number' && (message === null || isText(message)),
    counting: () => true,
    partial: ({ json }) => typeof json === 'string',
    log: ({ level, text }) => levels.has(level) && isText(text, maxLogLength),
    writing: () => true,
    file: ({ file, path, fileName, mediaType }) =>
      typeof file === 'number' && [path, fileName, mediaType].every((text) => isText(text)),
    unloadable: ({ message }) => isText(message),
    ended: ({ outcome, cpuMs }) =>
      isRecord(outcome) && outcomes.get(outcome.type)?.(outcome) === true && Number.isFinite(cpuMs),
  } satisfies Record<FromThread['type'], (message: Fields) => boolean>),
)

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** Names and paths are the longest that are not cut elsewhere. */
function isText(value: unknown, maxLength = 10_000): boolean {
  return typeof value === 'string' && value.length <= maxLength
}

function isPort(value: unknown): boolean {
  return value instanceof MessagePort
}
