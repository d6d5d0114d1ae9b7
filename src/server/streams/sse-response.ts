import type { ServerResponse } from 'node:http'
import type { Frame } from '../operation.ts'
import type { Flushable, Outbox } from './outbox.ts'
import type { Pulse, PulseMember } from './pulse.ts'
import { openSseOutput, type SseOutput } from './sse-output.ts'

export interface SseTimes {
  /** How often something is sent although nothing happens, in ms. */
  readonly heartbeatMs: number
  /** A client that takes nothing for so long, in ms, is cut off. */
  readonly stallMs: number
  /** How long a client is asked to wait before it comes back, in ms. */
  readonly retryMs: number
}

/** What the answers of a door share. */
export interface SseDoorway {
  readonly outbox: Outbox
  readonly pulse: Pulse
  readonly times: SseTimes
}

/** Who fills an answer. */
export interface SseSource {
  /** More may be sent again. */
  writable(): void
  /** The answer is over, or its client has gone. */
  closed(): void
}

/** The most that waits for a client before it gets nothing more, in bytes. */
const highWaterBytes = 16 * 1024
/** The most that is given to the system at once: how long that takes a slow client is far below `stallMs`. */
const sliceBytes = 64 * 1024
/** The longest that the last words to a client may take that has no valid credential any more, in ms. */
const farewellMs = 250

/**
 * An answer of server-sent events that has begun. What is sent in one piece of work goes out in one write. The functions
 * return at once and never throw; after the end, and when the client has gone, they do nothing.
 */
export class SseResponse implements Flushable, PulseMember {
  readonly #response: ServerResponse
  readonly #doorway: SseDoorway
  readonly #source: SseSource
  readonly #output: SseOutput
  readonly #gathered: Buffer[] = []
  #gatheredBytes = 0
  #isInOutbox = false
  /** Nothing is written until the client has taken what was. */
  #isHeld = false
  #state: 'open' | 'ending' | 'leaving' | 'over' = 'open'

  /** `response` has its headers, but has sent nothing. */
  constructor(response: ServerResponse, doorway: SseDoorway, source: SseSource) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      // Tells nginx not to hold the stream back.
      'x-accel-buffering': 'no',
    })
    this.#response = response
    this.#doorway = doorway
    this.#source = source
    this.#output = openSseOutput(response)
    response.once('close', () => this.#close())
    doorway.pulse.join(this)
    // A comment at once makes proxies pass the head on; `:` starts one.
    this.#gather(this.#output.encodeText(`retry: ${doorway.times.retryMs}\n:\n\n`))
  }

  get isWritable(): boolean {
    return this.#state === 'open' && !this.#isHeld && !this.#isFull
  }

  send(frame: Frame): void {
    if (this.#state === 'open') this.#gather(this.#output.encodeFrame(frame))
  }

  /** Ends the answer with a text. */
  end(text: string): void {
    this.#end(text, 'ending', this.#doorway.times.stallMs)
  }

  /** The same, for who may not have the connection any longer. */
  leave(text: string): void {
    this.#end(text, 'leaving', farewellMs)
  }

  /** Breaks the connection off, for the client to come back. */
  cut(): void {
    // Not the response, which cannot do it before its turn on the connection.
    this.#response.req.socket.destroy()
  }

  beat(): void {
    if (this.#state !== 'open' || this.#isHeld) return
    // What waits when nothing happens is in the hands of a client that does not read.
    if (this.#output.waiting > 0) this.#hold()
    else this.#gather(this.#output.encodeText(':\n\n'))
  }

  late(): void {
    this.cut()
  }

  flush(): void {
    this.#isInOutbox = false
    if (this.#isHeld || this.#state === 'over') return
    if (this.#state !== 'open' && this.#gatheredBytes <= sliceBytes) {
      this.#state = 'over'
      return this.#output.end(this.#take())
    }
    const wasFull = this.#isFull
    if (this.#gatheredBytes > 0) this.#output.write(this.#take())
    if (this.#gatheredBytes > 0 || this.#output.waiting > highWaterBytes) this.#hold()
    // In a turn of its own, so that a client that reads as fast as we write does not hold up all others.
    else if (wasFull) setImmediate(() => this.#source.writable())
  }

  get #isFull(): boolean {
    return this.#gatheredBytes + this.#output.waiting > highWaterBytes
  }

  #gather(bytes: Buffer): void {
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#isInOutbox) return
    this.#isInOutbox = true
    this.#doorway.outbox.add(this)
  }

  /** What was gathered as one buffer; of much the beginning. */
  #take(): Buffer {
    const taken = this.#gathered.length === 1 ? this.#gathered[0] : Buffer.concat(this.#gathered)
    this.#gathered.length = 0
    this.#gatheredBytes = 0
    if (taken === undefined || taken.length <= sliceBytes) return taken ?? Buffer.alloc(0)
    const rest = taken.subarray(sliceBytes)
    this.#gathered.push(rest)
    this.#gatheredBytes = rest.length
    return taken.subarray(0, sliceBytes)
  }

  #hold(): void {
    this.#isHeld = true
    // Who leaves has a deadline for all of it.
    if (this.#state !== 'leaving') this.#doorway.pulse.expect(this, this.#doorway.times.stallMs)
    this.#output.whenTaken(() => this.#release())
  }

  #release(): void {
    this.#isHeld = false
    if (this.#state === 'open') this.#doorway.pulse.met(this)
    this.flush()
    if (this.isWritable) this.#source.writable()
  }

  #end(text: string, state: 'ending' | 'leaving', withinMs: number): void {
    if (this.#state !== 'open') return
    this.#state = state
    this.#gather(this.#output.encodeText(text))
    // What a client that does not read leaves in the buffer must not keep the socket for ever.
    this.#doorway.pulse.expect(this, withinMs)
  }

  #close(): void {
    this.#state = 'over'
    this.#gathered.length = 0
    this.#doorway.pulse.leave(this)
    this.#source.closed()
  }
}
