import type { ExecutionResult } from 'graphql'
import type { EventBody } from '../../ports/event-log.ts'
import type { StreamItem, TopicStream } from '../../services/streams/stream.ts'
import type { ResponseStream, StreamFrame } from '../operation.ts'

const done: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * The answers of a subscription: each item of the topic's stream executed, with `extensions.resume` added. `next()` rejects
 * as the source does.
 */
export function createResponseStream(
  source: TopicStream,
  execute: (body: EventBody) => Promise<ExecutionResult>,
): ResponseStream {
  let cursor = source.cursor
  let ended = false

  return {
    finished: source.finished,
    get upToDate() {
      return source.upToDate
    },
    get cursor() {
      return cursor
    },
    async next() {
      const result = await source.next()
      if (result.done === true) return done
      const answer = await execute(result.value.body)
      if (ended) return done
      cursor = result.value.cursor
      return { done: false, value: toFrame(answer, result.value) }
    },
    async return() {
      ended = true
      await source.return()
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function toFrame(answer: ExecutionResult, { cursor, opening, last }: StreamItem): StreamFrame {
  const payload = { ...answer, extensions: { ...answer.extensions, resume: { cursor, ...opening } } }
  return { payload, cursor, last }
}

/** The payloads of the frames, for who has no use for the rest. */
export function payloadsOf(stream: ResponseStream): AsyncIterableIterator<ExecutionResult, undefined> {
  return {
    async next() {
      const result = await stream.next()
      return result.done === true ? done : { done: false, value: result.value.payload }
    },
    async return() {
      await stream.return()
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
