import { Refusal } from '../../core/errors.ts'
import type { Turns } from '../../ports/turns.ts'
import type { Peer } from '../peer.ts'
import { createLeaving } from './leaving.ts'

export interface IpcTurnsOptions {
  readonly peer: Peer
  /** How long a work may wait for its turn, ms. */
  readonly waitMs?: number
  /** How many works of this process may wait at once. */
  readonly maxWaiting?: number
}

/** Turns of a member that the primary gives. No work runs without one: while the primary does not answer, works wait or are refused. */
export function createIpcTurns({ peer, waitMs = 60_000, maxWaiting = 1_000 }: IpcTurnsOptions): Turns {
  const leave = createLeaving(peer, 'turns.leave')
  let lastId = 0
  let waiting = 0

  async function take(id: number, key: string): Promise<void> {
    if (waiting >= maxWaiting) throw overloaded()
    waiting += 1
    try {
      const isMine = await peer.request('turns.take', [id, key], { deadlineMs: waitMs })
      if (isMine !== true) throw new Error('The primary gave no turn.')
    } catch (error) {
      // It may have been given, and nobody heard.
      leave(id)
      throw overloaded(error)
    } finally {
      waiting -= 1
    }
  }

  return async (key, work) => {
    lastId += 1
    const id = lastId
    await take(id, key)
    try {
      return await work()
    } finally {
      leave(id)
    }
  }
}

function overloaded(cause?: unknown): Refusal {
  const refusal = new Refusal('OVERLOADED', 'The same is being worked on too much: try again.', {
    retryAfterSeconds: 5,
  })
  if (cause !== undefined) refusal.cause = cause
  return refusal
}
