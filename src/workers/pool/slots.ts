/** The right to occupy one thread. */
export interface Slot {
  /** Gives it back; later calls do nothing. */
  release(): void
  /** Its thread was ended and does not go: until the slot is given back there is one thread fewer. */
  strand(): void
}

export type SlotsAnswer = readonly Slot[] | 'aborted' | 'closed' | 'full'

export interface Slots {
  /** How many could be taken at once by who comes now. */
  readonly free: number
  readonly stranded: number
  /** Taken, and not stranded. */
  readonly busy: number
  /** How many takers wait. */
  readonly waiting: number
  /** A place in the order in which takers are served. */
  nextTurn(): number
  /** Takes that many slots at once; `null` where they are not there, or others come first. */
  tryTake(count: number, turn: number): readonly Slot[] | null
  /**
   * Waits for that many slots, all or none. Takers are served in the order of their turns: while the first lacks some, they
   * are reserved, and no other is given any, so that many who need one do not starve one who needs many, and of two who need
   * many neither holds half. But not for longer than a second: then, for as long, others that fit may pass, so that who holds
   * one for hours does not idle the rest; then they are reserved for twice as long, and so on, up to a minute. Who needs more
   * than there are without the stranded ones is passed over until those come back.
   * `aborted` at once when the signal is, `closed` after `close`.
   */
  take(count: number, turn: number, signal: AbortSignal): Promise<SlotsAnswer>
  /** The same for one slot of a newcomer: `full` when `maxWaiting` takers wait already. */
  takeFirst(turn: number, signal: AbortSignal): Promise<SlotsAnswer>
  /** Hears when `free` has grown; call the result to stop. */
  onFree(listener: () => void): () => void
  /** Sends all who wait away. */
  close(): void
}

interface Taker {
  readonly count: number
  readonly turn: number
  answer(answer: SlotsAnswer): void
}

const firstWindowMs = 1_000
const longestWindowMs = 60_000

/** `after` calls back so many ms later, unless what it answers was called before. */
export function createSlots(total: number, maxWaiting: number, after: After = afterMs): Slots {
  return new SlotQueue(total, maxWaiting, after)
}

type After = (ms: number, call: () => void) => () => void

function afterMs(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref()
  return () => clearTimeout(timer)
}

class SlotQueue implements Slots {
  readonly #total: number
  readonly #maxWaiting: number
  /** By their turns. */
  readonly #takers: Taker[] = []
  readonly #listeners = new Set<() => void>()
  readonly #after: After
  /** Who lacks some while others could pass. */
  #reservedFor: Taker | undefined
  #mayPass = false
  #endWindow: (() => void) | null = null
  #unoccupied: number
  #lastFree: number
  #stranded = 0
  #turns = 0
  #closed = false

  constructor(total: number, maxWaiting: number, after: After) {
    this.#after = after
    this.#total = total
    this.#maxWaiting = maxWaiting
    this.#unoccupied = total
    this.#lastFree = total
  }

  get free(): number {
    return this.#mayPass || this.#first() === undefined ? this.#unoccupied : 0
  }

  get stranded(): number {
    return this.#stranded
  }

  get busy(): number {
    return this.#total - this.#unoccupied - this.#stranded
  }

  get waiting(): number {
    return this.#takers.length
  }

  nextTurn(): number {
    this.#turns += 1
    return this.#turns
  }

  tryTake(count: number, turn: number): readonly Slot[] | null {
    if (this.#closed || count > this.#unoccupied) return null
    const first = this.#first()
    if (!this.#mayPass && first !== undefined && first.turn < turn) return null
    const taken = this.#occupy(count)
    this.#lastFree = this.free
    return taken
  }

  async take(count: number, turn: number, signal: AbortSignal): Promise<SlotsAnswer> {
    if (this.#closed) return 'closed'
    if (signal.aborted) return 'aborted'
    const { promise, resolve } = Promise.withResolvers<SlotsAnswer>()
    const onAbort = (): void => {
      this.#remove(taker)
      resolve('aborted')
      this.#changed()
    }
    const answer = (answered: SlotsAnswer): void => {
      signal.removeEventListener('abort', onAbort)
      resolve(answered)
    }
    const taker: Taker = { count, turn, answer }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#takers.splice(this.#takers.findLastIndex((other) => other.turn <= turn) + 1, 0, taker)
    this.#changed()
    return promise
  }

  async takeFirst(turn: number, signal: AbortSignal): Promise<SlotsAnswer> {
    const isFull = this.free === 0 && this.#takers.length >= this.#maxWaiting
    return isFull && !this.#closed && !signal.aborted ? 'full' : this.take(1, turn, signal)
  }

  onFree(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed = true
    this.#endWindow?.()
    for (const taker of this.#takers.splice(0)) taker.answer('closed')
  }

  /** Who is served next: as long as some are stranded, who needs nearly all must not keep the others from theirs. */
  #first(): Taker | undefined {
    return this.#takers.find((taker) => taker.count <= this.#total - this.#stranded)
  }

  /** Who can be given what it needs. */
  #next(): Taker | undefined {
    const fits = (taker: Taker): boolean => taker.count <= this.#unoccupied
    const first = this.#first()
    if (first === undefined || fits(first)) return first
    return this.#mayPass && first === this.#reservedFor ? this.#takers.find(fits) : undefined
  }

  /** Begins anew where another is first. While who needs a single slot lacks it, there is none to reserve. */
  #reserve(): void {
    const first = this.#first()
    const lacking = first !== undefined && first.count > 1 ? first : undefined
    if (lacking === this.#reservedFor) return
    this.#endWindow?.()
    this.#endWindow = null
    this.#reservedFor = lacking
    this.#mayPass = false
    if (lacking !== undefined && !this.#closed) this.#openWindow(firstWindowMs)
  }

  #openWindow(ms: number): void {
    this.#endWindow = this.#after(ms, () => {
      this.#mayPass = !this.#mayPass
      this.#openWindow(this.#mayPass ? ms : Math.min(2 * ms, longestWindowMs))
      this.#changed()
    })
  }

  #changed(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#remove(next)
      next.answer(this.#occupy(next.count))
    }
    this.#reserve()
    const before = this.#lastFree
    this.#lastFree = this.free
    if (this.#lastFree > before) for (const listener of this.#listeners) listener()
  }

  #remove(taker: Taker): void {
    this.#takers.splice(this.#takers.indexOf(taker), 1)
  }

  #occupy(count: number): readonly Slot[] {
    this.#unoccupied -= count
    return Array.from({ length: count }, () => this.#createSlot())
  }

  #createSlot(): Slot {
    let state: 'taken' | 'stranded' | 'released' = 'taken'
    return {
      release: () => {
        if (state === 'released') return
        if (state === 'stranded') this.#stranded -= 1
        state = 'released'
        this.#unoccupied += 1
        this.#changed()
      },
      strand: () => {
        if (state !== 'taken') return
        state = 'stranded'
        this.#stranded += 1
        this.#changed()
      },
    }
  }
}
