import { openConnection } from './connection.ts'
import { createMarkReader } from './readers.ts'
import { requestOf, type Subscriber, type SubscriberOptions } from './subscriber.ts'
import { count } from './tally.ts'

/** The longest that a poll may be left waiting, as the protocol has it. */
const waitMs = 30_000

const endOfHead = '\r\n\r\n'
const nothing = Buffer.alloc(0)

export interface PollerOptions extends SubscriberOptions {
  /** Whether it asks for the same again and again, and does not go on from where it is. */
  readonly repeats?: boolean
  /** Called for each answer. */
  readonly onAnswer?: () => void
}

/** A client that polls over one connection, again as soon as it has its answer. It listens from when it has a place. */
export function openPoller(options: PollerOptions): Subscriber {
  const { greeting, tally, repeats = false, onAnswer } = options
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  let cursor = options.after ?? 'now'
  let received = 0
  let isClosing = false
  let pending: Buffer = nothing

  function ask(): void {
    const extensions = JSON.stringify({ resume: { after: cursor }, poll: { waitMs, max: 100 } })
    socket.write(requestOf(greeting.head.replace('@cursor@', cursor), extensions))
    if (cursor !== 'now' || greeting.head.includes('@cursor@')) resolve()
  }

  function hear(answer: Answer): void {
    pending = nothing
    if (answer.cursor === null) return reject(new Error(`A poll was answered with: ${answer.text.slice(0, 400)}`))
    if (!repeats) cursor = answer.cursor
    onAnswer?.()
    pass()
    // Counted when it has asked again, so that who is told next finds it waiting.
    marks(answer.bytes)
  }

  const { pass, ...turns } = createGate(ask)
  const marks = createMarkReader((bytes, at) => {
    received += 1
    count(tally, bytes, at)
  })

  const socket = openConnection(options.port, {
    bytes(chunk) {
      options.onBytes?.(chunk)
      pending = Buffer.concat([pending, chunk])
      const answer = readAnswer(pending)
      if (answer !== null) hear(answer)
    },
    closed(reason) {
      reject(new Error(`A client lost its connection: ${reason}`))
      if (!isClosing) options.onLost(reason)
    },
  })
  ask()

  return {
    ready,
    get received() {
      return received
    },
    get isOpen() {
      return !socket.destroyed
    },
    stall: () => void socket.pause(),
    ...turns,
    close() {
      isClosing = true
      socket.destroy()
    },
  }
}

/** Calls `ask` when it may pass: at once, unless it is held. */
function createGate(ask: () => void) {
  let isHeld = false
  let isDue = false
  return {
    pass() {
      if (isHeld) isDue = true
      else ask()
    },
    hold: () => void (isHeld = true),
    goOn() {
      isHeld = false
      if (isDue) ask()
      isDue = false
    },
  }
}

interface Answer {
  readonly bytes: Buffer
  readonly text: string
  /** Where to go on from; `null` when it does not say. */
  readonly cursor: string | null
}

/** The only answer in the bytes; `null` as long as it is not whole. */
function readAnswer(bytes: Buffer): Answer | null {
  const text = bytes.toString('latin1')
  const end = text.indexOf(endOfHead)
  if (end === -1) return null
  const head = text.slice(0, end)
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (bytes.length < end + endOfHead.length + length) return null
  const cursor = lastCursor(text) ?? /millrace-cursor: (\S+)/i.exec(head)?.[1] ?? null
  return { bytes, text, cursor }
}

/** The last cursor that a text of JSON names. */
export function lastCursor(text: string): string | null {
  const name = '"cursor":"'
  const at = text.lastIndexOf(name)
  return at === -1 ? null : text.slice(at + name.length, text.indexOf('"', at + name.length))
}
