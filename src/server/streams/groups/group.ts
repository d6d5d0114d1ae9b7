import type { EventBody } from '../../../ports/event-log.ts'
import type { LiveEvent } from '../../../services/streams/live-events.ts'
import type { LiveTopic, TopicFollower } from '../../../services/streams/stream.ts'
import type { Executor } from './executor.ts'
import type { FanOut, Round } from './fan-out.ts'
import type { GroupFrame } from './frame.ts'

/** A subscriber that has everything up to now and is given what comes. The functions return at once and never throw. */
export interface Member {
  /** Gives it those of the frames that it does not have yet; they are dense, and `from` is the offset of the first. */
  deliver(frames: readonly GroupFrame[], from: number): void
  /** It must read on from its own place. It has left. */
  readOn(): void
  /** Nothing will come any more. It has left. */
  fail(reason: unknown): void
}

/**
 * Subscribers that asked the same and may see the same, as far as they are up to date: the topic is followed once for all, each
 * event is executed once, and what it gives is handed to everybody in turn.
 */
export interface Group extends Executor {
  /** Takes in a member that has all up to the position of the topic. */
  enter(member: Member, topic: LiveTopic): void
  leave(member: Member): void
}

/** The most events that wait to be executed, and frames that wait to be handed out: who would need more reads the log. */
const maxWaiting = 1_024
const maxFrames = 512
const maxCharacters = 2 ** 20

/** An execution takes about as long as it takes to hand a frame to so many (50 to 80 µs against 7), and so does reading on. */
const executionShare = 8

/** Hears the body of each live event just before it is executed. */
export type OnLive = (body: EventBody) => void

export function createGroup(executor: Executor, fanOut: FanOut, onLive: OnLive = () => undefined): Group {
  return new FollowingGroup(executor, fanOut, onLive)
}

class FollowingGroup implements Group, TopicFollower, Round {
  readonly frameOf: Executor['frameOf']
  readonly openingFrame: Executor['openingFrame']
  readonly #fanOut: FanOut
  readonly #onLive: OnLive
  #members = new Set<Member>()
  /** Those who must read on by themselves; each portion takes some. */
  #adrift = new Set<Member>()
  #unfollow: (() => void) | null = null
  /** What is still to be executed. */
  #events: LiveEvent[] = []
  /** In the order of their events; executed, or about to be. */
  #executing: (GroupFrame | Promise<GroupFrame>)[] = []
  #isWaiting = false
  /** What is being handed out, dense. */
  #frames: GroupFrame[] = []
  #characters = 0
  /** Who is still to be visited in this round, and up to which offset everybody is when it is over. */
  #visiting: SetIterator<Member> | null = null
  #roundTo = 0

  constructor(executor: Executor, fanOut: FanOut, onLive: OnLive) {
    this.frameOf = executor.frameOf
    this.openingFrame = executor.openingFrame
    this.#fanOut = fanOut
    this.#onLive = onLive
  }

  enter(member: Member, topic: LiveTopic): void {
    this.#members.add(member)
    this.#unfollow ??= topic.follow(this)
  }

  leave(member: Member): void {
    this.#adrift.delete(member)
    if (this.#members.delete(member) && this.#members.size === 0) this.#stop()
  }

  event(event: LiveEvent): void {
    if (this.#events.length + this.#executing.length >= maxWaiting) return this.#loosen()
    this.#events.push(event)
    this.#fanOut.start(this)
  }

  interrupted(): void {
    this.#unfollow = null
    this.#loosen()
  }

  failed(reason: unknown): void {
    this.#unfollow = null
    const members = [...this.#members, ...this.#adrift]
    this.#members.clear()
    this.#adrift.clear()
    this.#stop()
    for (const member of members) member.fail(reason)
  }

  serve(portion: number): number {
    let left = portion
    for (const member of this.#adrift) {
      if (left <= 0) return left
      left -= executionShare
      this.#adrift.delete(member)
      member.readOn()
    }
    left = this.#executeEvents(left)
    while (left > 0) {
      const next = this.#nextOfRound()
      if (next === null) break
      left -= 1
      const [first] = this.#frames
      if (first !== undefined) next.deliver(this.#frames, first.offset)
    }
    return left
  }

  /** Executes events for as long as the portion lasts; says how much of it is left. */
  #executeEvents(portion: number): number {
    let left = portion
    let executed = 0
    for (const event of this.#events) {
      if (left <= 0) break
      left -= executionShare
      executed += 1
      this.#onLive(event.body)
      this.#executing.push(this.frameOf(event))
    }
    if (executed === 0) return left
    this.#events.splice(0, executed)
    this.#takeExecuted()
    return left
  }

  /** Who is visited next. After the last of a round, those of the next one if there is anything new for them. */
  #nextOfRound(): Member | null {
    if (this.#visiting === null) {
      const newest = this.#frames.at(-1)
      if (newest === undefined) return null
      this.#roundTo = newest.offset
      this.#visiting = this.#members.values()
    }
    const { done, value } = this.#visiting.next()
    if (done !== true) return value
    this.#visiting = null
    this.#dropUpTo(this.#roundTo)
    return this.#nextOfRound()
  }

  /** Passes on what is executed, in order: a frame waits for those before it. */
  #takeExecuted(): void {
    if (this.#isWaiting) return
    let taken = 0
    for (const frame of this.#executing) {
      if (frame instanceof Promise) {
        this.#isWaiting = true
        void this.#await(frame, this.#executing)
        break
      }
      this.#add(frame)
      taken += 1
    }
    if (taken === 0) return
    // Taken as they were: none of them is a promise any more.
    void this.#executing.splice(0, taken)
    this.#fanOut.start(this)
  }

  async #await(awaited: Promise<GroupFrame>, executing: (GroupFrame | Promise<GroupFrame>)[]): Promise<void> {
    const frame = await awaited
    // Those that it was for may be gone.
    if (this.#executing !== executing) return
    this.#isWaiting = false
    executing[0] = frame
    this.#takeExecuted()
  }

  #add(frame: GroupFrame): void {
    this.#frames.push(frame)
    this.#characters += frame.payload.length
    // Whoever has not had them finds that, and reads the log.
    while (this.#frames.length > maxFrames || (this.#characters > maxCharacters && this.#frames.length > 1))
      this.#drop(1)
  }

  #dropUpTo(offset: number): void {
    const first = this.#frames[0]?.offset
    if (first !== undefined) this.#drop(Math.min(this.#frames.length, offset + 1 - first))
  }

  #drop(count: number): void {
    for (const frame of this.#frames.splice(0, count)) this.#characters -= frame.payload.length
  }

  /** Lets everybody read on from where they are, a portion at a time. */
  #loosen(): void {
    const members = this.#members
    this.#members = new Set()
    this.#stop()
    for (const member of members) this.#adrift.add(member)
    this.#fanOut.start(this)
  }

  /** Forgets all that was for those who are gone. */
  #stop(): void {
    this.#unfollow?.()
    this.#unfollow = null
    this.#events = []
    this.#executing = []
    this.#isWaiting = false
    this.#frames = []
    this.#characters = 0
    this.#visiting = null
  }
}
