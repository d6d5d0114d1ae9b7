import { createServer, type ServerResponse } from 'node:http'
import type { FanoutSystem } from '../system.ts'
import { answerOf, document, tellEvent } from './event-schema.ts'
import { closeServer, listen } from './listen.ts'
import { pollGreeting } from './greetings.ts'

/** The least that a long poll can be: a ready answer of the same form for each request that waits, whose body nobody reads. */
export async function openNodeHttp(): Promise<FanoutSystem> {
  let told = 0
  let answer = ''
  let waiting: ServerResponse[] = []
  const headers = { 'content-type': 'application/vnd.millrace.poll+json; charset=utf-8', 'cache-control': 'no-store' }

  function send(response: ServerResponse): void {
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(answer) }).end(answer)
  }

  const server = createServer((request, response) => {
    request.resume()
    const [, after = ''] = (request.url ?? '').split('?')
    request.on('end', () => {
      if (after !== 'now' && Number(after) < told) send(response)
      else waiting.push(response)
    })
  })
  const { head, ...greeting } = pollGreeting({ query: document, resumes: true })
  return {
    port: await listen(server),
    // The place stands in the address, where it costs nothing to read.
    greeting: { ...greeting, head: head.replace('/graphql', '/graphql?@cursor@') },
    publish(count, size) {
      const items = Array.from({ length: count }, () => {
        told += 1
        const payload = { ...answerOf(tellEvent(size)), extensions: { resume: { cursor: cursor(told) } } }
        return { cursor: cursor(told), payload }
      })
      answer = JSON.stringify({ items, cursor: String(told), upToDate: true, closed: false })
      const responses = waiting
      waiting = []
      for (const response of responses) send(response)
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}

/** As long as one of Millrace's. */
function cursor(offset: number): string {
  return `c1.0123456789ab.${offset.toString(36)}`
}
