import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Answer,
  type ClientOptions,
  createWatch,
  type Operation,
  type Resume,
  type StreamClient,
  type WatchSink,
} from './stream-client.ts'

interface PollAnswer {
  readonly items: readonly { readonly cursor: string; readonly payload: Answer }[]
  readonly cursor: string
  readonly upToDate: boolean
  readonly closed: boolean
}

/** Plain `fetch`, one poll after another. */
export function openPollClient({ url, token }: ClientOptions): StreamClient {
  const open = new AbortController()

  function post(operation: Operation, extensions: object, signal: AbortSignal): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/vnd.millrace.poll+json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ ...operation, extensions }),
      signal,
    })
  }

  /** Polls until the log ends, the server refuses, or the signal says stop. */
  async function pollOn(
    operation: Operation,
    resume: Resume & { after: string | null },
    sink: WatchSink,
    signal: AbortSignal,
  ) {
    while (!signal.aborted) {
      try {
        const response = await post(operation, { resume, poll: { waitMs: 2_000, max: 50 } }, signal)
        if (response.status === 204) {
          resume.after = response.headers.get('millrace-cursor')
          continue
        }
        // What the protocol says of either status.
        const answer = (await response.json()) as PollAnswer & Answer
        if (response.status !== 200) {
          sink.next(answer)
          return
        }
        for (const { payload } of answer.items) sink.next(payload)
        resume.after = answer.cursor
        if (answer.closed) return
      } catch (error) {
        // A connection that broke: come back with the same cursor.
        if (!(error instanceof TypeError)) throw error
        await sleep(5)
      }
    }
  }

  return {
    async request(operation) {
      const response = await post(operation, {}, open.signal)
      return (await response.json()) as Answer // plain GraphQL over HTTP
    },
    watch: (operation, resume = {}) =>
      createWatch(resume, (extensions, sink) => {
        const stop = new AbortController()
        const signal = AbortSignal.any([stop.signal, open.signal])
        pollOn(operation, extensions.resume, sink, signal).then(
          () => sink.complete(),
          (error: unknown) => (signal.aborted ? sink.complete() : sink.error(error)),
        )
        return () => stop.abort()
      }),
    async [Symbol.asyncDispose]() {
      open.abort()
    },
  }
}
