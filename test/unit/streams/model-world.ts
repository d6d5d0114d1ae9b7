import type { Position } from '../../../src/core/cursor.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import type { TestHub } from './open-hub.ts'

/** What really happened to the topic `t`. */
export class ModelWorld {
  readonly test: TestHub
  /** Whether the topic is written on demand: only while it is there, and removed when nobody wants it any more. */
  readonly onDemand: boolean
  readonly #blanks = new Set<string>()
  #trimmed = 0

  constructor(test: TestHub, onDemand: boolean) {
    this.test = test
    this.onDemand = onDemand
    this.#noteBlank()
  }

  get head(): Position & { readonly closed: boolean } {
    return this.test.log.head('t')
  }

  append(last: boolean): LoggedEvent | null {
    const { log } = this.test
    if (this.head.closed || (this.onDemand && !log.has('t'))) return null
    return log.append('t', { n: this.head.offset + 1 }, { last })
  }

  trim(keep: number): void {
    const upTo = this.head.offset - keep
    if (upTo <= 0) return
    this.#trimmed = Math.max(this.#trimmed, upTo)
    this.test.log.trim('t', upTo)
  }

  renewEpochs(): void {
    const { log } = this.test
    if (log.has('t')) log.renewEpoch('t')
    log.renewBlankEpoch()
    this.#noteBlank()
  }

  /** Removes a topic that nobody wants. */
  tidy(): void {
    const { log, clock } = this.test
    const until = log.wantedUntil('t')
    if (until === null || until > clock.now()) return
    log.remove('t')
    this.#trimmed = 0
  }

  isBlank({ epoch }: Position): boolean {
    return this.#blanks.has(epoch)
  }

  /** Whether events after the place may be missing, or their order be unknown. */
  mayHaveGap(before: Position): boolean {
    if (before.epoch === this.head.epoch) return before.offset < this.#trimmed
    const isBeforeFirst = before.epoch === this.#presentBlank && before.offset === 0
    return !isBeforeFirst || this.#trimmed > 0
  }

  isAtHead(position: Position): boolean {
    const { head } = this
    const isBlankToo = position.offset === 0 && position.epoch === this.#presentBlank
    return position.offset === head.offset && (position.epoch === head.epoch || isBlankToo)
  }

  /** Before the first event the place is the same in whatever epoch. */
  isSamePlace(one: Position, other: Position): boolean {
    if (one.offset !== other.offset) return false
    return one.epoch === other.epoch || (one.offset === 0 && this.isBlank(one))
  }

  isNext(before: Position, after: Position): boolean {
    return this.isSamePlace(before, { epoch: after.epoch, offset: after.offset - 1 })
  }

  get #presentBlank(): string | undefined {
    return [...this.#blanks].at(-1)
  }

  #noteBlank(): void {
    this.#blanks.add(this.test.log.head('no such topic').epoch)
  }
}
