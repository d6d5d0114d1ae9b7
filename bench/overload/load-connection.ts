import type { Socket } from 'node:net'
import { openConnection } from '../fanout/load/connection.ts'

export interface LoadAnswer {
  readonly status: number
  /** Whether its body begins as that of an operation without errors. */
  readonly isData: boolean
}

/** A connection over which one request goes at a time. */
export interface LoadConnection {
  readonly ready: Promise<void>
  send(request: string): void
  close(): void
}

const endOfHead = '\r\n\r\n'

/** Opens one; `answered` hears of each answer when it is whole. A connection that is lost while it is asked ends the process. */
export function openLoadConnection(
  port: number,
  answered: (answer: LoadAnswer, connection: LoadConnection) => void,
): LoadConnection {
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  let isAsked = false
  let head = ''
  /** Of the body. */
  let missing = 0
  let answer: LoadAnswer | null = null

  function take(chunk: Buffer): void {
    if (answer === null) {
      head += chunk.toString('latin1')
      const end = head.indexOf(endOfHead)
      if (end === -1) return
      answer = { status: Number(head.slice(9, 12)), isData: head.startsWith('{"data"', end + endOfHead.length) }
      missing = contentLength(head, end) - (head.length - end - endOfHead.length)
      head = ''
    } else missing -= chunk.length
    if (missing > 0) return
    const whole = answer
    answer = null
    isAsked = false
    answered(whole, connection)
  }

  const socket: Socket = openConnection(port, {
    bytes: take,
    closed(reason) {
      // One that is idle between two parts may be.
      if (isAsked) throw new Error(`The server closed a connection: ${reason}`)
    },
  })
  socket.once('connect', () => resolve())
  const connection: LoadConnection = {
    ready,
    send(request) {
      isAsked = true
      socket.write(request, 'latin1')
    },
    close() {
      isAsked = false
      socket.destroy()
    },
  }
  return connection
}

function contentLength(head: string, end: number): number {
  const at = head.toLowerCase().indexOf('content-length:')
  if (at === -1 || at > end) throw new Error(`An answer does not say how long it is: ${head.slice(0, end)}`)
  return Number.parseInt(head.slice(at + 15), 10)
}
