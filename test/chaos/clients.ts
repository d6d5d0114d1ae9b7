import { setTimeout as sleep } from 'node:timers/promises'
import { type ActionContext, actOnce, type KnownJob, occupyThread } from './actions.ts'
import type { ChaosUser } from './chaos-user.ts'
import type { History } from './history.ts'
import type { Random } from './random.ts'
import { watchStream } from './watch-stream.ts'

export interface ClientsOptions {
  readonly url: string
  readonly users: readonly ChaosUser[]
  readonly history: History
  readonly random: Random
  /** Takes the next operation; `false` when there is none left. */
  readonly takeOperation: () => boolean
}

/** People who use the server without knowing what happens to it. */
export interface Clients {
  /** Resolves when all operations were done. */
  readonly done: Promise<void>
  /** Enters a job that runs for so many ms (`occupyThread`). */
  occupyThread(ms: number): Promise<void>
  /** Resolves when all streams have ended, or were given up after so many ms. */
  watched(withinMs: number): Promise<void>
}

/** Clients of each user that work at the same time. */
const clientsPerUser = 3
/** The most streams that are open at a time. */
const mostStreams = 24
/** The longest that a client thinks before the next operation, in ms. */
const thinkMs = 80

/** Begins at once. */
export function startClients(options: ClientsOptions): Clients {
  const { url, history, takeOperation } = options
  const givingUp = new AbortController()
  const watching = new Set<Promise<void>>()
  let keys = 0
  let streams = 0

  function watchAs(user: ChaosUser, random: Random) {
    return (jobId: string) => {
      if (watching.size >= mostStreams) return
      streams += 1
      const { signal } = givingUp
      const watched = watchStream({ url, user, history, jobId, stream: streams, random: random.fork(), signal })
      const ended = watched.finally(() => watching.delete(ended))
      watching.add(ended)
    }
  }

  function clientOf(user: ChaosUser, known: KnownJob[]): ActionContext {
    const random = options.random.fork()
    const newKey = () => `key ${(keys += 1)}`
    return { url, user, history, random, known, watch: watchAs(user, random), newKey }
  }

  async function work(client: ActionContext): Promise<void> {
    while (takeOperation()) {
      await actOnce(client)
      await sleep(client.random.upTo(thinkMs))
    }
  }

  const clients = options.users.flatMap((user) => {
    const known: KnownJob[] = []
    return Array.from({ length: clientsPerUser }, () => clientOf(user, known))
  })
  const working = clients.map(work)
  return {
    done: Promise.all(working).then(() => undefined),
    async occupyThread(ms) {
      const [first] = clients
      if (first !== undefined) await occupyThread(first, ms)
    },
    async watched(withinMs) {
      const timer = setTimeout(() => givingUp.abort(), withinMs)
      await Promise.all(watching)
      clearTimeout(timer)
    },
  }
}
