import type { Socket } from 'node:net'
import { eventMark, type Greeting, resumeMark } from '../system.ts'
import { clientFrame, createFrameReader, createMarkReader, type OnEvent, type Reader } from './readers.ts'

export interface StreamListener {
  readonly onEvent: OnEvent
  /** It listens; called once. */
  onReady(): void
  /** The server has ended it. */
  onLost(reason: string): void
}

const mark = Buffer.from(eventMark)

/** Says over an upgraded connection what its greeting tells to, and reads what comes. `extensions` is JSON. */
export function readWebSocket(
  { turns, until }: Greeting,
  extensions: string,
  socket: Socket,
  listener: StreamListener,
): Reader {
  const left = [...turns]
  const nextAwaited = () => left[0]?.until ?? until
  let awaited = nextAwaited()

  function advance(): void {
    while (awaited === '' && left.length > 0) {
      const turn = left.shift()
      if (turn !== undefined) socket.write(clientFrame(1, Buffer.from(turn.send.replace(resumeMark, extensions))))
      awaited = nextAwaited()
    }
    if (awaited === '') listener.onReady()
  }

  advance()
  return createFrameReader({
    text(bytes, start, end) {
      const at = bytes.indexOf(mark, start)
      if (at !== -1 && at < end) listener.onEvent(bytes, at)
      if (awaited === '' || !bytes.toString('latin1', start, end).includes(awaited)) return
      awaited = ''
      advance()
    },
    ping: (payload) => void socket.write(clientFrame(10, payload)),
    close: (code, reason) => listener.onLost(`closed with ${code} ${reason}`),
  })
}

/** Reads an answer of server-sent events, its head included. */
export function readSse({ until }: Greeting, listener: StreamListener): Reader {
  const readMarks = createMarkReader(listener.onEvent)
  let isReady = false
  return (chunk) => {
    if (!isReady && chunk.includes(until)) {
      isReady = true
      listener.onReady()
    }
    readMarks(chunk)
  }
}
