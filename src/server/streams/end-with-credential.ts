import type { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { ResponseStream, StreamFrame } from '../operation.ts'

/**
 * Calls `onEnd` once when the principal's credential has ended (revoked, disabled, expired), with the refusal that says
 * how; call the result to stop. `Authentication.watch` says when.
 */
export type WatchCredential = (principal: Principal, onEnd: (why: Refusal) => void) => () => void

/**
 * The stream for as long as the credential lasts that it was opened with: then it is ended, and `next()`, a pending one
 * included, rejects with the reason. Nothing is watched any more once the stream is over. `watch` is for the principal.
 */
export function endWithCredential(
  stream: ResponseStream,
  watch: (onEnd: (why: Refusal) => void) => () => void,
): ResponseStream {
  let why: Refusal | null = null
  let rejectPending: ((why: Refusal) => void) | null = null
  const stop = watch((reason) => {
    why = reason
    rejectPending?.(reason)
    // It may be executing an event, which its answer must not wait for.
    stream.return().catch(() => undefined)
  })

  async function pull(): Promise<IteratorResult<StreamFrame, undefined>> {
    try {
      const result = await stream.next()
      if (result.done === true) stop()
      return result
    } catch (error) {
      stop()
      throw error
    }
  }

  return {
    get finished() {
      return stream.finished
    },
    get upToDate() {
      return stream.upToDate
    },
    get cursor() {
      return stream.cursor
    },
    next() {
      if (why !== null) return Promise.reject(why)
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<StreamFrame, undefined>>()
      rejectPending = reject
      pull().then((result) => (why === null ? resolve(result) : reject(why)), reject)
      return promise
    },
    return() {
      stop()
      return stream.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
