import { Refusal } from '../../core/errors.ts'

/** The time that an operation has. */
export interface Deadline {
  /** For `signal` of the executor, which resolves no further field after it. */
  readonly signal: AbortSignal
  /** The first of both: what comes of the operation, or what `late` makes when its time is over. */
  firstOf<Outcome>(running: Promise<Outcome>, late: (reason: Refusal) => Outcome): Promise<Outcome>
}

/** Who may take longer than others, in ms; asked when its time is over. */
interface Waiter {
  readonly waitMs: number
}

/** The deadlines of all operations under way. Disposed of, it lets all of them go on for as long as they take. */
export interface Deadlines extends Disposable {
  /** `null`: it has all the time. */
  begin(waiter: Waiter | undefined): Deadline | null
}

/** How much later than its deadline an operation may be answered: a part of its time, and within these bounds, in ms. */
const lateness = { part: 0.02, least: 20, most: 1_000 }

/**
 * One timer looks after all: to arm and clear one for each operation costs more than the rest of watching it. It runs while
 * operations do, and a moment longer.
 */
export function createDeadlines(operationMs: number): Deadlines {
  const deadlines = new Set<OpenDeadline>()
  const everyMs = Math.min(lateness.most, Math.max(lateness.least, operationMs * lateness.part))
  let timer: NodeJS.Timeout | null = null

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  function look(): void {
    if (deadlines.size === 0) return stop()
    const now = performance.now()
    for (const deadline of deadlines) if (deadline.isOver(now - operationMs)) deadline.expire()
  }

  return {
    begin(waiter) {
      const deadline = new OpenDeadline(deadlines, waiter)
      deadlines.add(deadline)
      timer ??= setInterval(look, everyMs).unref()
      return deadline
    },
    [Symbol.dispose]() {
      stop()
      deadlines.clear()
    },
  }
}

class OpenDeadline implements Deadline {
  readonly #deadlines: Set<OpenDeadline>
  readonly #waiter: Waiter | undefined
  readonly #begunAt = performance.now()
  #controller: AbortController | null = null
  #onExpired: ((reason: Refusal) => void) | null = null

  constructor(deadlines: Set<OpenDeadline>, waiter: Waiter | undefined) {
    this.#deadlines = deadlines
    this.#waiter = waiter
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  isOver(begunBefore: number): boolean {
    return this.#begunAt + (this.#waiter?.waitMs ?? 0) <= begunBefore
  }

  expire(): void {
    this.#deadlines.delete(this)
    const reason = new Refusal('OPERATION_TIMEOUT', timeoutSentence)
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
    this.#onExpired?.(reason)
  }

  firstOf<Outcome>(running: Promise<Outcome>, late: (reason: Refusal) => Outcome): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#onExpired = (reason) => resolve(late(reason))
      running.then(
        (outcome) => {
          this.#deadlines.delete(this)
          resolve(outcome)
        },
        (error: Error) => {
          this.#deadlines.delete(this)
          reject(error)
        },
      )
    })
  }
}

const timeoutSentence =
  'The operation took longer than is allowed and was given up. A mutation may have taken effect all the same: look before you send it again.'
