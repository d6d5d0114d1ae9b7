import type { OpenObservation } from '../../src/server/open-observation.ts'

/** `figures`: all but the lines in the log. `nothing`: operations have a deadline, and that is all. */
export type Seen = 'all' | 'figures' | 'nothing' | 'no deadline either'

/** As much of it as is to be seen at the time; the log is the server's own matter. */
export function seePartly(seen: () => Seen): (all: OpenObservation) => OpenObservation {
  const isSeen = () => seen() === 'all' || seen() === 'figures'
  return ({ observe, deadlines, ...all }) => ({
    ...all,
    observe: (...operation) => (isSeen() ? observe?.(...operation) : undefined),
    deadlines: { begin: (waiter) => (seen() === 'no deadline either' ? null : (deadlines?.begin(waiter) ?? null)) },
  })
}
