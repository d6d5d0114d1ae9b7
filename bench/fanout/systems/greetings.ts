import { randomBytes } from 'node:crypto'
import { type Greeting, resumeMark } from '../system.ts'

export interface Ask {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly authorization?: string
  /** Whether it answers with a first event at once, and can be come back to. */
  readonly resumes?: boolean
}

/** What a browser sends, too. */
const usual = 'Host: 127.0.0.1\r\nUser-Agent: bench\r\n'

export function upgradeRequest(path: string, protocol: string | null): string {
  const key = randomBytes(16).toString('base64')
  return (
    `GET ${path} HTTP/1.1\r\n${usual}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: ${key}\r\n${protocol === null ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`
  )
}

/** A subscription over graphql-transport-ws. */
export function graphqlWsGreeting(ask: Ask): Greeting {
  const { authorization } = ask
  const init = { type: 'connection_init', ...(authorization === undefined ? {} : { payload: { authorization } }) }
  return {
    transport: 'ws',
    head: upgradeRequest('/graphql', 'graphql-transport-ws'),
    turns: [
      { send: JSON.stringify(init), until: '' },
      { send: `{"id":"1","type":"subscribe","payload":${paramsOf(ask)}}`, until: 'connection_ack' },
    ],
    until: ask.resumes === true ? '"next"' : '',
  }
}

/** A subscription over GraphQL over SSE, in the mode of distinct connections. */
export function graphqlSseGreeting(ask: Ask): Greeting {
  const until = ask.resumes === true ? 'event: next' : '\r\n\r\n'
  return { transport: 'sse', head: postRequest(ask, 'text/event-stream'), turns: [], until }
}

/** One answer of a subscription; the client writes where it stands into the head, and sends it again and again. */
export function pollGreeting(ask: Ask): Greeting {
  return { transport: 'poll', head: postRequest(ask, 'application/vnd.millrace.poll+json'), turns: [], until: '' }
}

function postRequest(ask: Ask, accept: string): string {
  const authorization = ask.authorization === undefined ? '' : `Authorization: ${ask.authorization}\r\n`
  return (
    `POST /graphql HTTP/1.1\r\n${usual}Accept: ${accept}\r\nContent-Type: application/json\r\n${authorization}` +
    `Content-Length: @length@\r\n\r\n${paramsOf(ask)}`
  )
}

function paramsOf({ query, variables = {}, resumes }: Ask): string {
  const extensions = resumes === true ? `,"extensions":${resumeMark}` : ''
  return `{"query":${JSON.stringify(query)},"variables":${JSON.stringify(variables)}${extensions}}`
}
