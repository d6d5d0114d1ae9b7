import type { MessagePort, Worker } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import type { TaskDescription } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import { askForDescriptions } from './ask-for-descriptions.ts'
import { startThreads } from './start-threads.ts'
import type { Threads } from './thread-run.ts'

export interface GenerationOptions {
  readonly taskFiles: readonly string[]
  /** Of `ThreadSettings`. */
  readonly settings: SharedArrayBuffer | null
  readonly threads: number
  readonly logger: Logger
  /** The heap of the threads whose tasks ask for no other, in MiB. */
  readonly heapMb: number | null
  readonly startDeadlineMs: number
}

/** The threads that hold the same task files in the same state: a reload makes the next generation. */
export interface Generation {
  /** The tasks, once they are known. */
  readonly tasks: ReadonlyMap<string, TaskDescription> | null
  /** All its threads, of whatever heap, those that come up among them. */
  list(): readonly Worker[]
  describe(): Promise<readonly TaskDescription[]>
  /**
   * The threads with that much heap. Node limits the heap by thread, so each size has threads of its own; they share the
   * pool's slots.
   */
  threadsFor(heapMb: number | null): Threads
  /** An attempt is under way on it; call the result at its end. */
  enter(): () => void
  /** Ends the threads as soon as no attempt is under way on them; resolves when they are gone. */
  retire(): Promise<void>
  /** Ends the threads; resolves when they are gone. */
  destroy(): Promise<void>
}

/** Starts the threads; they come up in the background. */
export function startGeneration(options: GenerationOptions): Generation {
  const usual = startThreads({ ...options, kept: true })
  const byHeap = new Map<number | null, Piscina>([[options.heapMb, usual]])
  let tasks: ReadonlyMap<string, TaskDescription> | null = null
  let described: Promise<readonly TaskDescription[]> | null = null
  let inside = 0
  let retired: PromiseWithResolvers<void> | null = null

  async function describe(): Promise<readonly TaskDescription[]> {
    const descriptions = await askForDescriptions(usual, options.startDeadlineMs)
    tasks = new Map(descriptions.map((task) => [task.name, task]))
    return descriptions
  }

  function piscinaFor(heapMb: number | null): Piscina {
    const known = byHeap.get(heapMb)
    if (known !== undefined) return known
    const started = startThreads({ ...options, heapMb, kept: false })
    byHeap.set(heapMb, started)
    return started
  }

  async function destroy(): Promise<void> {
    await Promise.all(byHeap.values().map((piscina) => piscina.destroy()))
  }

  function destroyIfDone(): void {
    if (inside === 0) retired?.resolve(destroy())
  }

  return {
    get tasks() {
      return tasks
    },
    list: () => [...byHeap.values()].flatMap(({ threads }) => threads),
    describe: () => (described ??= describe()),
    threadsFor(heapMb) {
      const piscina = piscinaFor(heapMb ?? options.heapMb)
      return {
        run: (order, ports: readonly MessagePort[], signal) =>
          // The ports go with the order; Piscina's types are older than Node's.
          piscina.run(order, { name: 'run', signal, transferList: [...ports] as never }),
        list: () => piscina.threads,
      }
    },
    enter() {
      inside += 1
      return () => {
        inside -= 1
        destroyIfDone()
      }
    },
    retire() {
      retired ??= Promise.withResolvers()
      destroyIfDone()
      return retired.promise
    },
    destroy,
  }
}
