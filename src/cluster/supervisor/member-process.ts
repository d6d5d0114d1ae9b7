import type { Clock } from '../../core/clock.ts'
import type { MemberEnd, MemberStatus, ProcessLoad } from '../../core/cluster.ts'
import type { AwakeTime } from '../awake-time.ts'
import type { DrainOrder } from '../drain-order.ts'
import type { Exit, ForkedMember } from '../forked-member.ts'
import { readLoad, readPause, readReason, readStartFailure, type StartFailure } from '../member-notices.ts'
import type { MemberOrder } from '../member-order.ts'
import type { Peer } from '../peer.ts'
import type { SupervisorTimes } from './supervisor-times.ts'

/** Why a process is to end. */
export interface Dismissal {
  readonly kind: MemberEnd['kind']
  readonly reason: string
}

export interface MemberProcessParts {
  readonly order: MemberOrder
  readonly forked: ForkedMember
  /** How often a process in its place was followed by another one. */
  readonly restarts: number
  readonly clock: Clock
  readonly awake: AwakeTime
  readonly times: SupervisorTimes
  /** What befell it. Each is called at once, and `ended` once. */
  readonly listener: MemberListener
}

export interface MemberListener {
  ready(member: MemberProcess): void
  draining(member: MemberProcess, reason: string): void
  wantsRecycling(member: MemberProcess, reason: string): void
  ended(member: MemberProcess, end: MemberEnd): void
}

/** One process of a member, from its fork to its end. */
export class MemberProcess {
  readonly order: MemberOrder
  readonly restarts: number
  /** When it was forked, in awake ms. */
  readonly forkedMs: number
  /** Whether it came to be ready; `false` when it ended before. */
  readonly ready: Promise<boolean>
  readonly ended: Promise<MemberEnd>
  readonly #parts: MemberProcessParts
  readonly #startedAt: number
  readonly #tellReady: (isReady: boolean) => void
  #state: 'STARTING' | 'READY' | 'DRAINING' = 'STARTING'
  #end: MemberEnd | null = null
  #load: ProcessLoad | null = null
  #heardAt: number | null = null
  /** In awake ms. Before it was heard for the first time only the limit on its start holds. */
  #heardMs: number | null = null
  #pausedUntilMs = 0
  #readyMs: number | null = null
  #endedMs: number | null = null
  #failure: StartFailure | null = null
  #dismissal: Dismissal | null = null
  #isKilled = false
  /** When it is killed, in awake ms, and why. */
  #deadline: { readonly atMs: number; readonly dismissal: Dismissal }

  constructor(parts: MemberProcessParts) {
    const { order, forked, restarts, clock, awake, times } = parts
    this.#parts = parts
    this.order = order
    this.restarts = restarts
    this.forkedMs = awake.ms
    this.#startedAt = clock.now()
    const tooLate = `It was not ready after ${times.startMs / 1000} s and was killed.`
    this.#deadline = { atMs: awake.ms + times.startMs, dismissal: { kind: 'START_FAILED', reason: tooLate } }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.ready = promise
    this.#tellReady = resolve
    this.#listen()
    this.ended = forked.exited.then((exit) => this.#leave(exit))
  }

  /** `null` when there was no process to be had. */
  get pid(): number | null {
    return this.#parts.forked.pid
  }

  get peer(): Peer {
    return this.#parts.forked.peer
  }

  get wasReady(): boolean {
    return this.#readyMs !== null
  }

  get isOver(): boolean {
    return this.#end !== null
  }

  /** Whether its end came so soon that the next process is likely to fare no better. */
  get endedEarly(): boolean {
    return this.#readyMs === null || (this.#endedMs ?? Infinity) - this.#readyMs < this.#parts.times.steadyMs
  }

  /** Why it could not start, in its own words. */
  get failure(): StartFailure | null {
    return this.#failure
  }

  /** For how long it has said nothing although it should have, in awake ms. 0 before its first word, and once it is killed. */
  get silenceMs(): number {
    if (this.#heardMs === null || this.#isKilled || this.isOver) return 0
    return Math.max(0, this.#parts.awake.ms - Math.max(this.#heardMs, this.#pausedUntilMs))
  }

  /** To be called with each tick: says that the primary is there, and kills whoever is past a limit. */
  tick(): void {
    const { awake, forked, times } = this.#parts
    forked.peer.notify('alive', null)
    if (this.silenceMs >= times.silentMs) {
      this.kill({ kind: 'SILENT', reason: `It was silent for ${times.silentMs / 1000} s and was killed.` })
    } else if (awake.ms >= this.#deadline.atMs) {
      this.kill(this.#deadline.dismissal)
    }
  }

  /** Has it come to its end in good order; it is killed when that takes too long. One that is not ready is killed at once. */
  drain(order: DrainOrder, dismissal: Dismissal): void {
    if (this.isOver) return
    if (this.#state === 'STARTING') {
      this.kill(dismissal)
      return
    }
    const { awake, forked, times, listener } = this.#parts
    const latestMs = awake.ms + order.unreadyMs + order.drainMs + times.graceMs
    if (this.#state === 'DRAINING') {
      this.#deadline = { ...this.#deadline, atMs: Math.min(this.#deadline.atMs, latestMs) }
      return
    }
    this.#state = 'DRAINING'
    this.#dismissal = dismissal
    const tooSlow = `${dismissal.reason} It did not come to its end in time and was killed.`
    this.#deadline = { atMs: latestMs, dismissal: { ...dismissal, reason: tooSlow } }
    forked.peer.notify('drain', order)
    listener.draining(this, dismissal.reason)
  }

  kill(dismissal: Dismissal): void {
    if (this.isOver || this.#isKilled) return
    this.#dismissal = dismissal
    this.#isKilled = true
    this.#parts.forked.kill('SIGKILL')
  }

  /** Asks it for its load, which its status shows afterwards, and passes over that it does not answer in time. */
  async refreshLoad(): Promise<void> {
    const { forked, times } = this.#parts
    try {
      this.#hear(await forked.peer.request('load', null, { deadlineMs: times.loadMs }))
    } catch {
      // What it said last is all there is.
    }
  }

  /** `place`: what becomes of its place where the process is over; without it the status is of the process that ended. */
  status(lastEnd: MemberEnd | null, place?: 'RESTARTING' | 'GIVEN_UP'): MemberStatus {
    const { order, forked } = this.#parts
    return {
      number: order.number,
      nodeId: order.nodeId,
      pid: this.isOver && place !== undefined ? null : forked.pid,
      state: this.isOver ? (place ?? 'ENDED') : this.#state,
      startedAt: this.#startedAt,
      restarts: this.restarts,
      lastEnd,
      load: this.isOver ? null : this.#load,
      heardAt: this.#heardAt,
    }
  }

  #listen(): void {
    const { awake, forked, times, listener } = this.#parts
    const { peer } = forked
    peer.onNotice('heartbeat', (body) => this.#hear(body))
    peer.onNotice('ready', () => {
      if (this.#state !== 'STARTING' || this.#isKilled) return
      this.#state = 'READY'
      this.#readyMs = awake.ms
      this.#heardMs = awake.ms
      this.#deadline = { ...this.#deadline, atMs: Infinity }
      listener.ready(this)
      this.#tellReady(true)
    })
    peer.onNotice('recycle', (body) => {
      listener.wantsRecycling(this, readReason(body) ?? 'It asked for it.')
    })
    // Questions, not notices: whoever says these is about to fall silent, and waits until it was heard.
    peer.answer('failed', (body) => {
      this.#failure = readStartFailure(body)
      // It ends by itself now.
      const atMs = Math.min(this.#deadline.atMs, awake.ms + times.graceMs)
      this.#deadline = { atMs, dismissal: { kind: 'START_FAILED', reason: this.#failure?.message ?? '' } }
    })
    peer.answer('pause', (body) => {
      const ms = readPause(body)
      // A pause of 0 ms ends a longer one. A heartbeat does not: it may have been sent just before the silence.
      if (ms !== null) this.#pausedUntilMs = awake.ms + Math.min(ms, times.maxPauseMs)
      this.#heardMs = awake.ms
    })
  }

  #hear(body: unknown): void {
    const load = readLoad(body)
    const { awake, clock } = this.#parts
    this.#heardMs = awake.ms
    if (load === null) return
    this.#load = load
    this.#heardAt = clock.now()
  }

  #leave(exit: Exit): MemberEnd {
    const { awake, clock, listener } = this.#parts
    const end = { at: clock.now(), ...exit, ...(this.#dismissal ?? this.#ownEnd(exit)) }
    this.#end = end
    this.#endedMs = awake.ms
    listener.ended(this, end)
    this.#tellReady(false)
    return end
  }

  /** Of a process that nobody asked to end. */
  #ownEnd({ code, signal }: Exit): Dismissal {
    if (this.#failure !== null) return { kind: 'START_FAILED', reason: this.#failure.message }
    const how = describeExit(code, signal)
    if (this.wasReady) return { kind: 'CRASHED', reason: `It ${how}.` }
    return { kind: 'START_FAILED', reason: `It ${how} before it was ready.` }
  }
}

function describeExit(code: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${signal}`
  return code === null ? 'could not be started' : `ended with exit code ${code}`
}
