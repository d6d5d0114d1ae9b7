import { expect } from 'vitest'
import { formatCursor, type Position } from '../../../src/core/cursor.ts'
import { Refusal } from '../../../src/core/errors.ts'
import type { LiveEvent } from '../../../src/services/streams/live-events.ts'
import type { StreamOpening, TopicStream } from '../../../src/services/streams/stream.ts'
import type { ModelWorld } from './model-world.ts'

export type From = 'cursor' | 'earliest' | 'now'

/** What a subscriber is given, by its stream or by a follower. */
interface Seen {
  readonly body: LiveEvent['body']
  readonly position: Position
  readonly opening: StreamOpening | null
  readonly last: boolean
}

/**
 * One who reads the topic, or parks its stream and follows, and checks with each item that nothing was passed over in
 * silence. Whatever does not fit into its present state does nothing.
 */
export class ModelSubscriber {
  readonly #world: ModelWorld
  #stream: TopicStream | null = null
  #opening = false
  #pulling = false
  #parked = false
  #stop: (() => void) | null = null
  #cuts = 0
  position: Position | null = null

  constructor(world: ModelWorld) {
    this.#world = world
  }

  get isIdle(): boolean {
    return !this.#opening && this.#stream === null
  }

  get isPulling(): boolean {
    return this.#pulling
  }

  get isParked(): boolean {
    return this.#parked
  }

  get isFollowing(): boolean {
    return this.#stop !== null
  }

  async open(from: From, onGap: 'snapshot' | 'error'): Promise<void> {
    if (!this.isIdle) return
    this.#opening = true
    const cuts = this.#cuts
    if (from !== 'cursor') this.position = null
    const after = from === 'cursor' ? this.position && formatCursor(this.position) : from
    try {
      const stream = await this.#world.test.open({ after, onGap }, { onDemand: this.#world.onDemand })
      if (stream.finished) this.position = stream.position
      else if (this.#cuts === cuts) this.#stream = stream
      else await stream.return()
      // `earliest` starts before what is kept, without a snapshot.
      this.position ??= after === 'earliest' ? stream.position : null
    } catch (error) {
      this.#refuse(error, onGap)
    } finally {
      this.#opening = false
    }
  }

  /** Pulls so many items, or as many as are at hand. */
  async take(count: number, atHand: boolean): Promise<void> {
    const stream = this.#stream
    if (stream === null || this.#pulling || this.#parked) return
    this.#pulling = true
    try {
      for (let taken = 0; taken < count && this.#stream === stream; taken += 1) {
        const item = atHand ? stream.take() : ((await stream.next()).value ?? null)
        if (this.#stream !== stream) return
        if (item !== null) this.#see(item)
        else if (atHand) return
        else this.#leave()
      }
    } catch (error) {
      this.#leave()
      this.#refuse(error, 'error')
    } finally {
      this.#pulling = false
    }
  }

  /** Parks the stream and follows in its place; a follower that breaks throws at the first event. */
  follow(breaks: boolean): void {
    const stream = this.#stream
    if (stream === null || this.#pulling || this.#parked || !stream.upToDate) return
    expect(stream.live.position.epoch).toBe(stream.position.epoch)
    expect(stream.live.position.offset).toBeLessThanOrEqual(stream.position.offset)
    const { offset: given } = stream.position
    if (this.position !== null) expect(this.#world.isSamePlace(this.position, stream.position)).toBe(true)
    this.position = stream.position
    stream.park()
    this.#parked = true
    this.#stop = stream.live.follow({
      event: (event) => {
        if (event.offset <= given) return
        if (breaks) throw new Error('This follower breaks.')
        this.#see({ ...event, position: { epoch: event.epoch, offset: event.offset }, opening: null })
      },
      interrupted: () => {
        this.#stop = null
        this.seek()
      },
      failed: (reason) => {
        throw reason
      },
    })
  }

  /** Hears nothing more, and keeps its place. */
  stopFollowing(): void {
    this.#stop?.()
    this.#stop = null
  }

  /** Reads on from its place. */
  seek(): void {
    if (!this.#parked || this.#stream === null || this.position === null) return
    this.stopFollowing()
    this.#parked = false
    this.#stream.seek(this.position)
  }

  cut(): void {
    this.#cuts += 1
    this.#leave()
  }

  #leave(): void {
    this.stopFollowing()
    this.#parked = false
    void this.#stream?.return()
    this.#stream = null
  }

  #see({ body, position, opening, last }: Seen): void {
    const before = this.position
    if ('head' in body) {
      expect(body['head']).toBe(position.offset)
      if (before !== null) {
        expect(opening).toEqual({ status: 'snapshot', gap: true, replayed: 0 })
        expect(this.#world.mayHaveGap(before)).toBe(true)
      } else expect(opening).toEqual({ status: 'fresh', gap: false, replayed: 0 })
    } else {
      expect(before !== null && this.#world.isNext(before, position)).toBe(true)
      expect(body['n']).toBe(position.offset)
    }
    if (this.#world.onDemand) expect(this.#world.isBlank(position)).toBe(false)
    this.position = position
    if (last) this.#leave()
  }

  #refuse(error: unknown, onGap: 'snapshot' | 'error'): void {
    if (!(error instanceof Refusal)) throw error
    expect(onGap).toBe('error')
    expect(error.code).toMatch(/^CURSOR_(EXPIRED|EPOCH)$/)
    expect(this.position !== null && this.#world.mayHaveGap(this.position)).toBe(true)
    this.position = null
  }
}
