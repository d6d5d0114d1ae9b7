import { median } from '../../paired-rounds.ts'
import type { Span } from '../messages.ts'
import { defaultSize } from '../system.ts'
import type { LoadProcess } from '../processes.ts'

/** How many events are on their way at once. */
export const patterns = [1, 4] as const

export type Pattern = (typeof patterns)[number]

/** About how long one system is measured in one round, in ms; two bursts at the least, however long they take. */
const sliceMs = 250
const warmUpMs = 800

/** After so many ms no further round begins, if there were three. */
const enoughMs = 30_000
const fewestRounds = 3

/** What was measured, by system and pattern: one span for each round. */
export class Spans {
  readonly #spans = new Map<string, Span[]>()

  add(name: string, pattern: Pattern, span: Span): void {
    const key = `${name} ${pattern}`
    this.#spans.set(key, [...(this.#spans.get(key) ?? []), span])
  }

  /** CPU µs of the server for each delivery, round by round. */
  costs(name: string, pattern: Pattern): readonly number[] {
    return this.#of(name, pattern).map(({ cpuUs, deliveries }) => cpuUs / deliveries)
  }

  /** Deliveries a second: the median of the rounds. */
  perSecond(name: string, pattern: Pattern): number {
    return median(this.#of(name, pattern).map(({ deliveries, ms }) => (deliveries / ms) * 1000))
  }

  /** How many times as much CPU it takes as another: the median of the ratios within a round. */
  ratio(name: string, to: string, pattern: Pattern): number {
    const others = this.costs(to, pattern)
    return median(this.costs(name, pattern).map((cost, round) => cost / (others[round] ?? Number.NaN)))
  }

  /** The same without what an event costs that reaches one client alone, which is measured in the same rounds. */
  fanoutRatio(name: string, to: string, pattern: Pattern, clients: number): number {
    const others = this.costs(to, pattern)
    const events = this.costs('Millrace to one', pattern)
    return median(
      this.costs(name, pattern).map(
        (cost, round) => (cost - (events[round] ?? 0) / clients) / (others[round] ?? Number.NaN),
      ),
    )
  }

  #of(name: string, pattern: Pattern): readonly Span[] {
    return this.#spans.get(`${name} ${pattern}`) ?? []
  }
}

/** A system with its clients. */
interface Measured {
  readonly name: string
  readonly load: LoadProcess
}

/** Measures all of them in each round, each time in another order. The round before the first warms up. */
export async function measureRounds(
  benches: readonly Measured[],
  rounds: number,
  stopped: AbortSignal,
  ms = sliceMs,
): Promise<Spans> {
  const spans = new Spans()
  const started = performance.now()
  for (let round = -1; round < rounds && !stopped.aborted; round += 1) {
    if (round >= fewestRounds && performance.now() - started > enoughMs) break
    for (let turn = 0; turn < benches.length; turn += 1) {
      const bench = benches[(turn + round + benches.length) % benches.length]
      if (bench === undefined || stopped.aborted) break
      for (const burst of patterns) {
        const span = await bench.load.ask({
          kind: 'measure',
          burst,
          size: defaultSize,
          ms: round < 0 ? warmUpMs : ms,
        })
        if (round >= 0) spans.add(bench.name, burst, span)
      }
    }
  }
  return spans
}
