import type { OpenCounts } from '../../ports/open-counts.ts'
import { type AskPrimaryOptions, createAskPrimary } from './ask-primary.ts'
import { createLeaving } from './leaving.ts'

export interface IpcCountsOptions extends AskPrimaryOptions {
  /** Counts what is open in this process, which is all that there is to go by while the primary does not answer. */
  readonly here: OpenCounts
}

/**
 * Counts of a member that the primary keeps, with those of the other members. What is let in while the primary does not answer
 * stays unknown to it, and is counted by the member alone.
 */
export function createIpcCounts({ here, ...options }: IpcCountsOptions): OpenCounts {
  const ask = createAskPrimary(options)
  const leave = createLeaving(options.peer, 'counts.leave')
  let lastId = 0

  return {
    async enter(places) {
      const own = await here.enter(places)
      if ('full' in own) return own
      lastId += 1
      const id = lastId
      const answered = await ask('counts.enter', [id, places.map(({ key, limit }) => [key, limit])])
      const full = typeof answered?.answer === 'number' ? places[answered.answer] : undefined
      if (full !== undefined) {
        own.leave()
        return { full }
      }
      // It may have been let in too late.
      if (answered === null) leave(id)
      return {
        leave() {
          own.leave()
          if (answered !== null) leave(id)
        },
      }
    },
  }
}
