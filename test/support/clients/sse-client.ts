import { createClient } from 'graphql-sse'
import { type Answer, type ClientOptions, createWatch, type StreamClient } from './stream-client.ts'

/** The stock graphql-sse client, in distinct connections mode. */
export function openSseClient({ url, token }: ClientOptions): StreamClient {
  const client = createClient({
    url,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    retryAttempts: 100,
    retry: () => new Promise((resolve) => setTimeout(resolve, 5)),
  })
  return {
    request: (operation) =>
      new Promise((resolve, reject) => {
        let answer: Answer = {}
        client.subscribe(operation, {
          next: (value) => {
            answer = value as Answer // errors come as plain JSON
          },
          error: reject,
          complete: () => resolve(answer),
        })
      }),
    watch: (operation, resume = {}) =>
      createWatch(resume, (extensions, sink) =>
        client.subscribe(
          { ...operation, extensions },
          { ...sink, next: (value) => sink.next(value as Answer) }, // as above
        ),
      ),
    async [Symbol.asyncDispose]() {
      client.dispose()
    },
  }
}
