import type { NamedTransport } from './frame.ts'
import type { ClientTimes } from './times.ts'

type Name = NamedTransport['name']

/** Which transport works for the server at one address, for all subscriptions of a page or process. */
export interface TransportMemory {
  /** The one that worked last; `null`: none has been tried. */
  readonly name: Name | null
  /** When a better one may be tried, in ms since 1970. */
  readonly probeAt: number
  works(name: Name): void
  /** Takes the turn to try a better one, for one subscription alone; `false` when it is not time. */
  takeProbe(): boolean
}

interface Remembered {
  readonly name: Name
  readonly probeAt: number
  /** How long to wait after a try in vain, in ms. */
  readonly waitMs: number
}

/** A page that talks to more servers than this forgets the first. */
const mostOrigins = 100

const inMemory = new Map<string, Remembered>()

/** What is known of the server at an address; kept in the page's `localStorage` as well, where there is one. */
export function transportMemory(url: string, times: ClientTimes): TransportMemory {
  const { origin } = new URL(url)
  const { probeMs, longestProbeMs } = times
  const recall = () => inMemory.get(origin) ?? stored(origin, longestProbeMs)
  const remember = (remembered: Remembered) => {
    inMemory.delete(origin)
    inMemory.set(origin, remembered)
    if (inMemory.size > mostOrigins) inMemory.delete(inMemory.keys().next().value ?? '')
    store(origin, remembered)
  }
  return {
    get name() {
      return recall()?.name ?? null
    },
    get probeAt() {
      return recall()?.probeAt ?? 0
    },
    works(name) {
      const known = recall()
      if (known?.name === name) return
      // A network that was left in peace for long is tried anew without delay.
      const isStale = known === null || Date.now() - known.probeAt > longestProbeMs
      const waitMs = isStale ? probeMs : known.waitMs
      remember({ name, probeAt: Date.now() + waitMs, waitMs })
    },
    takeProbe() {
      const known = recall()
      if (known === null || known.probeAt > Date.now()) return false
      const waitMs = Math.min(2 * known.waitMs, longestProbeMs)
      remember({ ...known, waitMs, probeAt: Date.now() + waitMs })
      return true
    },
  }
}

const key = (origin: string) => `millrace:transport:${origin}`

/** The storage of a page; `null` outside of one, and where the page may have none. */
function pageStorage(): Storage | null {
  try {
    // Node has a `localStorage` too, which is nobody's and complains when it is used.
    return typeof document === 'undefined' ? null : localStorage
  } catch {
    return null
  }
}

function store(origin: string, remembered: Remembered): void {
  try {
    pageStorage()?.setItem(key(origin), JSON.stringify(remembered))
  } catch {
    // It is full: the choice lasts as long as the page.
  }
}

/** What was stored, if it is as this module writes it: anything may be in a storage. */
function stored(origin: string, longestMs: number): Remembered | null {
  try {
    const value: unknown = JSON.parse(pageStorage()?.getItem(key(origin)) ?? 'null')
    if (typeof value !== 'object' || value === null) return null
    const { name, probeAt, waitMs } = value as Record<keyof Remembered, unknown> // each of them is looked at
    if (!isName(name) || typeof probeAt !== 'number' || typeof waitMs !== 'number') return null
    if (!(waitMs > 0 && waitMs <= longestMs && probeAt <= Date.now() + longestMs)) return null
    return { name, probeAt, waitMs }
  } catch {
    return null
  }
}

function isName(value: unknown): value is Name {
  return value === 'ws' || value === 'sse' || value === 'poll'
}
