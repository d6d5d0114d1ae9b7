import { openConnection } from '../fanout/load/connection.ts'

/** A connection over which one request goes at a time, which costs as little as it can. */
export interface HttpConnection {
  /** Resolves when it is open. */
  readonly ready: Promise<void>
  /** The port of its own end, once it is open. */
  readonly localPort: number
  /** Sends a request, and gives the body of its answer. Throws when that is not 200 or the connection is closed. */
  ask(request: string): Promise<string>
  close(): void
}

interface Waiting {
  readonly resolve: (body: string) => void
  readonly reject: (error: Error) => void
}

const endOfHead = '\r\n\r\n'

export function openHttpConnection(port: number): HttpConnection {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  let waiting: Waiting | null = null
  let text = ''

  function settle(answer: Answer): void {
    const { resolve: take, reject: refuse } = waiting ?? { resolve: () => undefined, reject: () => undefined }
    waiting = null
    text = ''
    if (answer.status === 200) take(answer.body)
    else refuse(new Error(`A request was answered with ${answer.status}: ${answer.body.slice(0, 400)}`))
  }

  const socket = openConnection(port, {
    bytes(chunk) {
      text += chunk.toString('latin1')
      const answer = readAnswer(text)
      if (answer !== null) settle(answer)
    },
    closed(reason) {
      const error = new Error(`A connection was lost: ${reason}`)
      reject(error)
      waiting?.reject(error)
    },
  })
  socket.once('connect', () => resolve())
  ready.catch(() => undefined)

  return {
    ready,
    get localPort() {
      return socket.localPort ?? 0
    },
    ask(request) {
      const asked = Promise.withResolvers<string>()
      waiting = asked
      if (socket.destroyed) asked.reject(new Error('The connection is closed.'))
      else socket.write(request)
      return asked.promise
    },
    close: () => void socket.destroy(),
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** The only answer in the text, of a server that says how long it is; `null` as long as it is not whole. */
function readAnswer(text: string): Answer | null {
  const end = text.indexOf(endOfHead)
  if (end === -1) return null
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]
  if (length === undefined) throw new Error(`An answer does not say how long it is: ${text.slice(0, end)}`)
  const body = text.slice(end + endOfHead.length)
  return body.length < Number(length) ? null : { status: Number(text.slice(9, 12)), body }
}

/** The request of an operation, to its last byte. */
export function graphqlRequest(body: object, authorization: string | null = null): string {
  const json = JSON.stringify(body)
  const own = authorization === null ? '' : `Authorization: ${authorization}\r\n`
  return (
    'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n' +
    `${own}Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
  )
}
