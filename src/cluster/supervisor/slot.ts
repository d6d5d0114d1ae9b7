import { backoffMs } from '../../core/backoff.ts'
import type { MemberEnd, MemberStatus } from '../../core/cluster.ts'
import type { MemberProcess } from './member-process.ts'
import type { SupervisorTimes } from './supervisor-times.ts'

export interface SlotParts {
  readonly number: number
  readonly times: SupervisorTimes
  fork(number: number, restarts: number): MemberProcess
  /** Called when there is no other try, with what the place is like then. */
  gaveUp(status: MemberStatus, earlyEnds: number): void
}

/** The place of one member: a process that ends unasked is followed by another one, until too many ended early in a row. */
export class Slot {
  readonly #parts: SlotParts
  #current: MemberProcess | null = null
  /** Is to take the place of the present one once it is ready. */
  #successor: MemberProcess | null = null
  #leaving: MemberProcess | null = null
  #lastEnd: MemberEnd | null = null
  #earlyEnds = 0
  #state: 'RUNNING' | 'RESTARTING' | 'GIVEN_UP' = 'RUNNING'
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(parts: SlotParts) {
    this.#parts = parts
  }

  get number(): number {
    return this.#parts.number
  }

  /** The one whose place it is; it may have ended. `null` before the start. */
  get current(): MemberProcess | null {
    return this.#current
  }

  /** How the last one that had the place came to its end. */
  get lastEnd(): MemberEnd | null {
    return this.#lastEnd
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get isGivenUp(): boolean {
    return this.#state === 'GIVEN_UP'
  }

  /** Forks at once where there is no process, and forgets what befell the ones before. `null` when the slot is closed. */
  start(): MemberProcess | null {
    if (this.#isClosed) return null
    this.#earlyEnds = 0
    return this.#fork()
  }

  /** Forks who is to take the present one's place. `null` when the slot is closed. */
  forkSuccessor(): MemberProcess | null {
    if (this.#isClosed) return null
    this.#successor = this.#parts.fork(this.number, this.#restarts())
    return this.#successor
  }

  /** Gives the place to its successor, unless that has ended or has it already. */
  promote(): void {
    if (this.#successor === null) return
    this.#leaving = this.#current
    this.#current = this.#successor
    this.#successor = null
  }

  /** To be called at once when a process of this place has ended. */
  ended(process: MemberProcess, end: MemberEnd): void {
    if (process === this.#successor) {
      this.#successor = null
      return
    }
    this.#lastEnd = end
    if (process === this.#leaving) this.#leaving = null
    if (process !== this.#current || this.#isClosed) return
    if (this.#successor === null) this.#restart(process)
    else this.promote()
  }

  /** Nothing is forked from now on. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** The processes there are, or one that says why there is none. */
  status(): readonly MemberStatus[] {
    const noProcess = this.#state === 'GIVEN_UP' ? 'GIVEN_UP' : 'RESTARTING'
    return [this.#leaving, this.#current, this.#successor]
      .filter((process) => process !== null)
      .filter((process) => process === this.#current || !process.isOver)
      .map((process) => process.status(this.#lastEnd, noProcess))
  }

  #restarts(): number {
    return this.#current === null ? 0 : this.#current.restarts + 1
  }

  #fork(): MemberProcess {
    clearTimeout(this.#timer)
    this.#state = 'RUNNING'
    this.#current = this.#parts.fork(this.number, this.#restarts())
    return this.#current
  }

  #restart(process: MemberProcess): void {
    const { times, gaveUp } = this.#parts
    this.#earlyEnds = process.endedEarly ? this.#earlyEnds + 1 : 0
    if (this.#earlyEnds >= times.maxEarlyEnds) {
      this.#state = 'GIVEN_UP'
      gaveUp(process.status(this.#lastEnd, 'GIVEN_UP'), this.#earlyEnds)
      return
    }
    this.#state = 'RESTARTING'
    if (this.#earlyEnds <= 1) this.#fork()
    else this.#timer = setTimeout(() => this.#fork(), backoffMs(this.#earlyEnds - 1, times.backoff))
  }
}
