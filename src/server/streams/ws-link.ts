import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Flushable, Outbox } from './outbox.ts'
import type { Pulse, PulseMember } from './pulse.ts'
import { closeReason } from './ws-close-codes.ts'
import { controlFrame, textFrame } from './ws-frame.ts'
import { takenBytes } from './ws-taken.ts'

export interface LinkLimits {
  /** How much may wait for a client before its streams stand still, in bytes. */
  readonly highWaterBytes: number
  /** How much may wait for it, answers included, before nothing more is read from it, in bytes. */
  readonly holdBytes: number
  /** How long a client may take nothing of what waits for it, in ms, before it is cut off. */
  readonly stallMs: number
}

/** What the links of a door share. */
export interface LinkDoor extends LinkLimits {
  readonly outbox: Outbox
  /** A round of it is the time in which a ping must be answered. */
  readonly pulse: Pulse
}

/** Who waits until a link can be written to. */
export interface LinkWaiter {
  /** It can be. Called once. */
  resume(): void
}

/** A stall is looked for so many times within `stallMs`. */
const checksInStall = 4

/**
 * The way out to one client. What is sent within one piece of work goes out in one write, past `ws`, whose close frame
 * comes after it. Who lets things pile up gets nothing more of its streams, and beyond that is not read from either.
 */
export class Link implements Flushable, PulseMember {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #door: LinkDoor
  /** Whole frames that wait for the end of this piece of work. */
  #gathered = ''
  #waiters: Set<LinkWaiter> | null = null
  #isHeld = false
  /** The ping that has no answer yet. */
  #ping: Buffer | null = null
  /** Made when the first write needs it. */
  #onTaken: (() => void) | null = null
  /** What was taken when that was last looked at, and how often it was the same since; -1 while nothing waits. */
  #taken = 0
  #idleChecks = -1

  /** `socket` is the one below `webSocket`, which has just been opened. */
  constructor(webSocket: WebSocket, socket: Duplex, door: LinkDoor) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#door = door
    door.pulse.join(this)
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  /** Whether streams may send. */
  get isWritable(): boolean {
    return this.isOpen && this.#pending <= this.#door.highWaterBytes
  }

  get #pending(): number {
    return this.#socket.writableLength + this.#gathered.length
  }

  /** Sends a message, however much waits; then nothing is read from the client until that has gone. */
  send(text: string): void {
    this.#answer(textFrame(text))
  }

  /** Sends whole frames, given as one-byte text. Who sends much of it looks at `isWritable` before. */
  gather(frames: string): void {
    if (!this.isOpen) return
    if (this.#gathered === '') this.#door.outbox.add(this)
    this.#gathered += frames
  }

  /** Has the waiter resumed when the link is writable; it never is again when the client has gone. */
  whenWritable(waiter: LinkWaiter): void {
    this.#waiters ??= new Set()
    this.#waiters.add(waiter)
  }

  forget(waiter: LinkWaiter): void {
    this.#waiters?.delete(waiter)
  }

  flush(): void {
    const frames = this.#gathered
    if (frames === '') return
    this.#gathered = ''
    // Nothing may follow a close frame.
    if (!this.isOpen) return
    // Only a write that makes streams stand still has to tell when it is over.
    if (this.#socket.writableLength + frames.length > this.#door.highWaterBytes) {
      this.#onTaken ??= () => this.#release()
      this.#socket.write(frames, 'latin1', this.#onTaken)
    } else this.#socket.write(frames, 'latin1')
    if (this.#socket.writableLength > 0) this.#watch()
  }

  /** Answers a ping of the client. */
  pong(payload: Buffer): void {
    this.#answer(controlFrame('pong', payload))
  }

  /** Takes what came as the answer to a ping. */
  ponged(payload: Buffer): void {
    // Only who reads knows what to answer.
    if (this.#ping?.equals(payload) === true) this.#ping = null
  }

  /** Pings the client, and cuts it off when the ping before has no answer. */
  beat(): void {
    if (!this.isOpen) return
    if (this.#idleChecks >= 0) {
      // A ping would be stuck behind what waits, for which there is a deadline of its own.
      this.#ping = null
      return
    }
    if (this.#ping !== null) return this.terminate()
    this.#ping = randomBytes(8)
    this.gather(controlFrame('ping', this.#ping))
  }

  /** Looks whether the client has taken something of what waits. */
  late(): void {
    this.#release()
    if (this.#idleChecks < 0) return
    const taken = takenBytes(this.#socket)
    this.#idleChecks = taken === this.#taken ? this.#idleChecks + 1 : 0
    this.#taken = taken
    if (this.#idleChecks >= checksInStall) this.terminate()
    else this.#door.pulse.expect(this, this.#door.stallMs / checksInStall)
  }

  /** Closes the socket with a code and a reason, unless that has been done. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.flush()
    // From here on `ws` has a deadline of its own, and the client's close frame must be read.
    if (this.#isHeld) this.#webSocket.resume()
    this.#isHeld = false
    this.#webSocket.close(code, closeReason(reason))
  }

  terminate(): void {
    this.#webSocket.terminate()
  }

  /** The socket is closed. */
  end(): void {
    this.#door.pulse.leave(this)
    this.#gathered = ''
    this.#waiters = null
  }

  #answer(frame: string): void {
    this.gather(frame)
    if (this.#isHeld || !this.isOpen || this.#pending <= this.#door.holdBytes) return
    this.#isHeld = true
    this.#webSocket.pause()
  }

  #watch(): void {
    if (this.#idleChecks >= 0) return
    this.#idleChecks = 0
    this.#taken = takenBytes(this.#socket)
    this.#door.pulse.expect(this, this.#door.stallMs / checksInStall)
  }

  /** To be called when something may have been taken. */
  #release(): void {
    if (!this.isWritable) return
    if (this.#socket.writableLength === 0 && this.#idleChecks >= 0) {
      this.#idleChecks = -1
      this.#door.pulse.met(this)
    }
    if (this.#isHeld) this.#webSocket.resume()
    this.#isHeld = false
    const waiters = this.#waiters
    if (waiters === null) return
    this.#waiters = null
    for (const waiter of waiters) waiter.resume()
  }
}
