import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Answer, type ClientOptions, createWatch, type StreamClient } from './stream-client.ts'

/** The stock graphql-ws client. */
export function openWsClient({ url, token }: ClientOptions): StreamClient {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    retryAttempts: 100,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 5)),
    shouldRetry: () => true,
  })
  return {
    request: (operation) =>
      new Promise((resolve, reject) => {
        let answer: Answer = {}
        client.subscribe(operation, {
          next: (value) => {
            answer = value as Answer // errors come as plain JSON
          },
          error: (errors) => (Array.isArray(errors) ? resolve({ errors }) : reject(errors)),
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
      await client.dispose()
    },
  }
}
