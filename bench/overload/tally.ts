import { percentile } from '../paired-rounds.ts'
import type { LoadAnswer } from './load-connection.ts'
import type { Latencies, LoadOutcome } from './messages.ts'

/** What becomes of the requests of a kind; those that were due before `from` are in `whole` only. */
export interface Tally {
  /** `due` and `now` in ms. */
  due(due: number): void
  answered(answer: LoadAnswer, due: number, now: number): void
  givenUp(due: number): void
  outcome(seconds: number, generatorCores: number): LoadOutcome
}

export function createTally(name: string, from: number): Tally {
  const acceptedMs: number[] = []
  const refusedMs: number[] = []
  const wholeMs: number[] = []
  const counts = { offered: 0, failed: 0, unsent: 0 }
  return {
    due(due) {
      if (due >= from) counts.offered += 1
    },
    answered({ status, isData }, due, now) {
      const isAccepted = status === 200 && isData
      if (isAccepted) wholeMs.push(now - due)
      if (due < from) return
      if (isAccepted) acceptedMs.push(now - due)
      else if (status === 503) refusedMs.push(now - due)
      else counts.failed += 1
    },
    givenUp(due) {
      if (due >= from) counts.unsent += 1
    },
    outcome: (seconds, generatorCores) => ({
      name,
      seconds,
      ...counts,
      accepted: acceptedMs.length,
      refused: refusedMs.length,
      acceptedMs: latenciesOf(acceptedMs),
      refusedMs: latenciesOf(refusedMs),
      whole: latenciesOf(wholeMs),
      generatorCores,
    }),
  }
}

function latenciesOf(values: readonly number[]): Latencies | null {
  if (values.length === 0) return null
  const max = values.reduce((most, value) => Math.max(most, value), 0)
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max }
}
