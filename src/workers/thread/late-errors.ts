import { parentPort } from 'node:worker_threads'
import type { LateError } from '../messages.ts'
import { runningAttempt } from './run-attempt.ts'
import { textOfError } from './text-of-error.ts'

/**
 * Keeps an error that nobody caught (from a timer, a callback, a forgotten promise) from ending this thread, and with it
 * whatever attempt is on it by then: it fails the attempt whose code threw it, or is told to the main thread when that
 * attempt has ended.
 */
export function catchLateErrors(): void {
  process.on('uncaughtException', (error: unknown) => {
    const attempt = runningAttempt.getStore()
    if (attempt?.crash(error) === true) return
    const late: LateError = { millraceLateError: { jobId: attempt?.jobId ?? null, message: textOfError(error) } }
    parentPort?.postMessage(late, [])
  })
}
