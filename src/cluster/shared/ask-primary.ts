import type { Logger } from '../../ports/logger.ts'
import type { LineState } from '../line-state.ts'
import { type Peer, PeerError } from '../peer.ts'

export interface AskPrimaryOptions {
  readonly peer: Peer
  readonly line: Pick<LineState, 'isLive'>
  readonly logger: Logger
  /** Within which the primary must answer, ms. */
  readonly deadlineMs?: number
}

/** The primary's answer; `null` where it does not give one. Never rejects. */
export type AskPrimary = (name: string, body: unknown) => Promise<{ readonly answer: unknown } | null>

/**
 * Asks the primary. When it has let a deadline pass, it is asked once in as long again: one caller waits for it, and all others
 * are told at once that there is no answer, until there is one.
 */
export function createAskPrimary({ peer, line, logger, deadlineMs = 1_000 }: AskPrimaryOptions): AskPrimary {
  /** On the clock of `performance.now`, ms. */
  let notBefore = 0
  let isFailing = false

  function fail(name: string, error: unknown): void {
    const code = error instanceof PeerError ? error.code : 'FAILED'
    if (code === 'TIMED_OUT') notBefore = performance.now() + deadlineMs
    if (code !== 'FAILED') return
    // It is there, and one of the two is wrong: said once, since it may be so with every request.
    notBefore = 0
    if (!isFailing) logger.error({ name, error: String(error) }, 'The primary could not do what this member asked for.')
    isFailing = true
  }

  return async (name, body) => {
    const now = performance.now()
    if (!line.isLive || peer.closed.aborted || now < notBefore) return null
    if (notBefore > 0) notBefore = now + 2 * deadlineMs
    try {
      const answer = await peer.request(name, body, { deadlineMs })
      notBefore = 0
      isFailing = false
      return { answer }
    } catch (error) {
      fail(name, error)
      return null
    }
  }
}
