import type { LoadAnswer, LoadConnection } from './load-connection.ts'
import type { LoadKind, LoadOutcome } from './messages.ts'
import { createTally, type Tally } from './tally.ts'

/** How long a request waits for a connection that is free before it is given up, in ms. */
const patienceMs = 1_000
const tickMs = 1

interface Due {
  readonly tally: Tally
  readonly request: string
  readonly at: number
}

/** Makes requests by a timetable over connections that it is given. */
export interface Timetable {
  answered(answer: LoadAnswer, connection: LoadConnection): void
  /** Offers the kinds for so long; resolves when all was answered, or given up. */
  offer(
    kinds: readonly LoadKind[],
    times: { readonly ms: number; readonly settleMs: number },
  ): Promise<readonly LoadOutcome[]>
}

export function createTimetable(connections: readonly LoadConnection[]): Timetable {
  // Each in its turn, so that none is idle for so long that the server closes it.
  const free = createQueue(connections)
  const underWay = new Map<LoadConnection, Due>()
  const waiting = createQueue<Due>([])

  function send(connection: LoadConnection, due: Due): void {
    underWay.set(connection, due)
    connection.send(due.request)
  }

  function enter(due: Due): void {
    due.tally.due(due.at)
    const connection = free.take()
    if (connection === undefined) waiting.add(due)
    else send(connection, due)
  }

  function nextWaiting(now: number): Due | undefined {
    for (;;) {
      const due = waiting.take()
      if (due === undefined || now - due.at <= patienceMs) return due
      due.tally.givenUp(due.at)
    }
  }

  return {
    answered(answer, connection) {
      const now = performance.now()
      const due = underWay.get(connection)
      due?.tally.answered(answer, due.at, now)
      underWay.delete(connection)
      const next = nextWaiting(now)
      if (next === undefined) free.add(connection)
      else send(connection, next)
    },
    async offer(kinds, { ms, settleMs }) {
      const started = performance.now()
      const cpu = process.cpuUsage()
      const tallies = kinds.map(({ name }) => createTally(name, started + settleMs))
      await Promise.all(
        kinds.map(({ request, perSecond }, i) => {
          const tally = tallies[i] ?? createTally('', 0)
          return byTheClock({ started, ms, perSecond }, (at) => enter({ tally, request, at }))
        }),
      )
      const { user, system } = process.cpuUsage(cpu)
      const cores = (user + system) / 1_000 / (performance.now() - started)
      await until(() => underWay.size === 0)
      return tallies.map((tally) => tally.outcome((ms - settleMs) / 1_000, cores))
    },
  }
}

interface Clockwork {
  readonly started: number
  readonly ms: number
  readonly perSecond: number
}

/** Calls `due` for each request with the time at which it is due, whether it comes in time to that or not. */
function byTheClock({ started, ms, perSecond }: Clockwork, due: (at: number) => void): Promise<void> {
  const gapMs = 1_000 / perSecond
  let made = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const passed = Math.min(performance.now() - started, ms)
      for (; made * gapMs < passed; made += 1) due(started + made * gapMs)
      if (passed < ms) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (!condition()) return
      clearInterval(look)
      resolve()
    }, 10)
  })
}

/** First in, first out. */
function createQueue<Item>(items: readonly Item[]): { take(): Item | undefined; add(item: Item): void } {
  let all = [...items]
  let first = 0
  return {
    take() {
      const item = all[first]
      if (item !== undefined) first += 1
      if (first <= 4_096) return item
      all = all.slice(first)
      first = 0
      return item
    },
    add: (item) => void all.push(item),
  }
}
