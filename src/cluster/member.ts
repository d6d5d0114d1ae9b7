import type { ProcessLoad } from '../core/cluster.ts'
import type { Logger } from '../ports/logger.ts'
import type { DrainOrder } from './drain-order.ts'
import type { LineState } from './line-state.ts'
import { dieWithPrimary } from './member/die-with-primary.ts'
import { watchPrimary } from './member/primary-line.ts'
import { readDrain, type StartFailure } from './member-notices.ts'
import type { Peer } from './peer.ts'

export interface JoinOptions {
  /** The primary. */
  readonly peer: Peer
  /** What this process has to do at the moment; asked for from the beginning. */
  load(): ProcessLoad
  /** Brings to an end what is under way, and takes nothing new; this process exits afterwards. Called once. */
  drain(order: DrainOrder): Promise<void>
  readonly logger: Logger
  /** `process`, or what stands for it. */
  readonly host: MemberHost
  /** Between two heartbeats, ms. */
  readonly heartbeatMs?: number
  /** After how long without a word the primary is not heard, ms. */
  readonly primarySilentMs?: number
  readonly monotonicMs?: () => number
}

/** What a member needs of its process. */
export interface MemberHost {
  readonly pid: number
  on(event: MemberSignal, listener: () => void): unknown
  prependOnceListener(event: 'disconnect', listener: () => void): unknown
  off(event: MemberSignal | 'disconnect', listener: () => void): unknown
  kill(pid: number, signal: 'SIGKILL'): unknown
  exit(code: number): unknown
}

type MemberSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP'

/** The membership of this process. Disposing of it ends the heartbeats, after which the primary will end this process. */
export interface Membership extends Disposable {
  /** Whether the primary is heard. */
  readonly line: LineState
  /** Says that this process serves. */
  ready(): void
  /** Says why this process cannot start; resolves when the primary knows, or does not answer. Exit with code 1 then. */
  failed(failure: StartFailure): Promise<void>
  /** Asks for a successor; once it is ready, `drain` is called. */
  recycle(reason: string): void
  /**
   * Says that this process will not be heard for about so many ms, at most 10 minutes; resolves when the primary knows, or does
   * not answer. Call the result when it is over.
   */
  pause(ms: number): Promise<() => void>
}

/** How long the primary may take to answer, ms. */
const answerMs = 2_000

/**
 * Makes this process a member: sends a heartbeat each second, drains and exits when it is told to, and ends at once with the
 * primary. To be called as early as possible. SIGTERM asks for a successor first. SIGINT and SIGHUP are for the primary, which
 * the terminal sends them to as well.
 */
export function joinCluster(options: JoinOptions): Membership {
  const { peer, load, logger, host, monotonicMs, heartbeatMs = 1_000, primarySilentMs = 3_000 } = options
  const recycle = (reason: string) => void peer.notify('recycle', { reason })
  const beat = () => void peer.notify('heartbeat', load())
  const line = watchPrimary({
    peer,
    logger,
    silentMs: primarySilentMs,
    tickMs: heartbeatMs,
    ...(monotonicMs && { monotonicMs }),
    tick: beat,
  })
  const stops = [
    hearSignals(host, () => recycle('It was asked to end by SIGTERM.')),
    dieWithPrimary(host, () => host.kill(host.pid, 'SIGKILL')),
    peer.answer('load', () => load()),
    hearDrain(options),
  ]
  beat()

  async function tell(name: string, body: object): Promise<void> {
    try {
      await peer.request(name, body, { deadlineMs: answerMs })
    } catch (error) {
      logger.warn({ question: name, error: String(error) }, 'The primary did not answer.')
    }
  }

  return {
    line,
    ready: () => void peer.notify('ready', null),
    failed: (failure) => tell('failed', failure),
    recycle,
    async pause(ms) {
      await tell('pause', { ms })
      return () => void tell('pause', { ms: 0 })
    },
    [Symbol.dispose]() {
      line[Symbol.dispose]()
      for (const stop of stops) stop()
    },
  }
}

function hearDrain({ peer, drain, logger, host }: JoinOptions): () => void {
  let isDraining = false

  async function leave(order: DrainOrder): Promise<void> {
    try {
      await drain(order)
      host.exit(0)
    } catch (error) {
      logger.error({ error: String(error) }, 'This process did not come to its end in good order.')
      host.exit(1)
    }
  }

  return peer.onNotice('drain', (body) => {
    const order = readDrain(body)
    if (order === null || isDraining) return
    isDraining = true
    void leave(order)
  })
}

function hearSignals(host: MemberHost, onTerminate: () => void): () => void {
  const listeners = { SIGTERM: onTerminate, SIGINT: () => {}, SIGHUP: () => {} }
  const signals: readonly MemberSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP']
  for (const signal of signals) host.on(signal, listeners[signal])
  return () => {
    for (const signal of signals) host.off(signal, listeners[signal])
  }
}
