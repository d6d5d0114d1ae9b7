import { setTimeout as sleep } from 'node:timers/promises'
import { signUpAt } from '../support/signed-in.ts'
import { comeAndGo } from './connects.ts'
import { judge, type SoakVerdict } from './judge.ts'
import { runJobs, sendRequests, type Target } from './load.ts'
import type { Sample } from './sample.ts'
import { openSoakServer } from './soak-server.ts'

export interface SoakOptions {
  readonly dataDir: string
  /** In all rounds together. */
  readonly jobs: number
  readonly requests: number
  readonly connects: number
  /** Rounds that are judged, and those before them, in which caches fill and code is compiled. */
  readonly rounds: number
  readonly warmUpRounds: number
  readonly signal: AbortSignal
  /** Whether the server leaks on purpose. */
  readonly leaks?: boolean
  /** Growth of the heap over all rounds that is passed over, in bytes; see `judge`. */
  readonly toleratedBytes?: number
  /** No round begins after so many ms; those that are over are judged. */
  readonly withinMs?: number
  /** Hears how much of all is done, 0 to 1, and what is being done. */
  readonly onProgress?: (part: number, phase: string) => void
}

export interface SoakReport {
  readonly verdict: SoakVerdict
  /** One before the first round that is judged, and one after each. */
  readonly samples: readonly Sample[]
  /** What was done in the rounds that are over, warm-up among them. */
  readonly done: { readonly jobs: number; readonly requests: number; readonly connects: number }
  readonly ms: number
}

/** Wears a real server for rounds that are all alike, and judges what it holds after each. Throws what is wrong with its answers. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { dataDir, rounds, warmUpRounds, signal, leaks = false, withinMs = Infinity } = options
  await using server = await openSoakServer({ dataDir, leaks })
  const startedAt = performance.now()
  const user = await signUpAt(`http://127.0.0.1:${server.port}`, 'soak', server.setupToken)
  const share = (count: number) => Math.ceil(count / (rounds + warmUpRounds))
  const round = { jobs: share(options.jobs), requests: share(options.requests), connects: share(options.connects) }
  const perRound = round.jobs + round.requests + round.connects
  let phase = ''
  let done = 0
  const target: Target = {
    port: server.port,
    headers: user.headers,
    signal,
    done() {
      done += 1
      options.onProgress?.(done / (perRound * (rounds + warmUpRounds)), phase)
    },
  }
  const samples: Sample[] = []
  let over = 0
  while (over < rounds + warmUpRounds && performance.now() - startedAt < withinMs) {
    for (const [name, work] of [
      ['jobs', runJobs],
      ['requests', sendRequests],
      ['connects', comeAndGo],
    ] as const) {
      phase = `round ${over + 1}: ${name}`
      await work(round[name], target)
    }
    over += 1
    signal.throwIfAborted()
    if (over >= warmUpRounds) samples.push(await Promise.race([server.sample(), aborted(signal)]))
  }
  const scaled = (count: number) => count * over
  return {
    verdict: judge(samples, options.toleratedBytes),
    samples,
    done: { jobs: scaled(round.jobs), requests: scaled(round.requests), connects: scaled(round.connects) },
    ms: performance.now() - startedAt,
  }
}

/** Rejects when the signal is aborted, with its reason. */
async function aborted(signal: AbortSignal): Promise<never> {
  await sleep(2 ** 31 - 1, undefined, { signal, ref: false })
  throw signal.reason
}
