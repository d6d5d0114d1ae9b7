import { Refusal } from '../../core/errors.ts'

/** The time that an operation has. To the executor it is the signal after which no further field is resolved. */
export interface Lease {
  /** For `signal` of the executor. */
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
  begin(waiter: Waiter | undefined): Lease | null
}

/** How much later than its deadline an operation may be answered: a part of its time, and within these bounds, in ms. */
const lateness = { part: 0.02, least: 20, most: 1_000 }

/**
 * One timer looks after all: to arm and clear one for each operation costs more than the rest of watching it. It runs while
 * operations do, and a moment longer.
 */
export function createDeadlines(operationMs: number): Deadlines {
  const leases = new Set<OpenLease>()
  const everyMs = Math.min(lateness.most, Math.max(lateness.least, operationMs * lateness.part))
  let timer: NodeJS.Timeout | null = null

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  function look(): void {
    if (leases.size === 0) return stop()
    const now = performance.now()
    for (const lease of leases) if (lease.isOver(now - operationMs)) lease.expire()
  }

  return {
    begin(waiter) {
      const lease = new OpenLease(leases, waiter)
      leases.add(lease)
      timer ??= setInterval(look, everyMs).unref()
      return lease
    },
    [Symbol.dispose]() {
      stop()
      leases.clear()
    },
  }
}

/**
 * It is its own signal, with what the executor asks of one: a real `AbortController` with a listener costs several times as much
 * for each operation.
 */
class OpenLease implements Lease {
  readonly #leases: Set<OpenLease>
  readonly #waiter: Waiter | undefined
  readonly #begunAt = performance.now()
  #listener: (() => void) | null = null
  #onExpired: ((reason: Refusal) => void) | null = null
  aborted = false
  reason: Refusal | undefined = undefined

  constructor(leases: Set<OpenLease>, waiter: Waiter | undefined) {
    this.#leases = leases
    this.#waiter = waiter
  }

  get signal(): AbortSignal {
    // The executor asks for these members and no others.
    return this as unknown as AbortSignal
  }

  throwIfAborted(): void {
    if (this.reason !== undefined) throw this.reason
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(): void {
    this.#listener = null
  }

  isOver(begunBefore: number): boolean {
    return this.#begunAt + (this.#waiter?.waitMs ?? 0) <= begunBefore
  }

  expire(): void {
    this.#leases.delete(this)
    this.aborted = true
    this.reason = new Refusal('OPERATION_TIMEOUT', timeoutSentence)
    this.#listener?.()
    this.#onExpired?.(this.reason)
  }

  firstOf<Outcome>(running: Promise<Outcome>, late: (reason: Refusal) => Outcome): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#onExpired = (reason) => resolve(late(reason))
      running.then(
        (outcome) => {
          this.#leases.delete(this)
          resolve(outcome)
        },
        (error: Error) => {
          this.#leases.delete(this)
          reject(error)
        },
      )
    })
  }
}

const timeoutSentence =
  'The operation took longer than is allowed and was given up. A mutation may have taken effect all the same: look before you send it again.'
