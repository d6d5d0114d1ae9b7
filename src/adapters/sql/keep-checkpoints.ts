import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { OpenSqlite } from './node-sqlite.ts'

/** Keeps the write-ahead log from growing, in a thread of its own that is started when there is something to do. */
export interface Checkpoints extends AsyncDisposable {
  /** Called after each commit, while no transaction is open on the connection. Never throws. */
  committed(): void
  /** To be waited for before a transaction: while the log is far too long, writers pause that it may begin anew. Never rejects. */
  ready(): Promise<void>
}

/** In pages, 16 MiB: what is rewritten often goes over into the database less often (a tenth of the time of a job). */
const dueAt = 4000

/** In pages, 128 MiB: several that write without a pause leave a checkpoint no moment in which it could come to an end. */
const tooLong = 32_768

/** A pause takes no longer than that, in ms, however far the checkpoint has come. */
const longestPauseMs = 2000

/** At least so many ms lie between two looks at the length of the log, of 10 microseconds each. */
const lookMs = 20

const threadFile = import.meta.url.endsWith('.ts') ? './checkpoint-thread.ts' : './checkpoint-thread.js'

/** `connection` is one that makes no checkpoints by itself. Each process that writes to a database keeps them. */
export function keepCheckpoints(path: string, connection: Pick<OpenSqlite, 'checkpoint'>): Checkpoints {
  const pause = createPause()
  let thread: Worker | null = null
  let isUnderWay = false
  let hasFailed = false
  let nextLookAt = 0

  function over(): void {
    isUnderWay = false
    pause.end()
  }

  function start(): Worker {
    const started = startThread(path, () => {
      hasFailed = true
    })
    started.on('message', over)
    started.on('exit', () => {
      thread = null
      over()
    })
    return started
  }

  function look(): void {
    const { pages, moved } = connection.checkpoint('noop')
    if (pages - moved < dueAt) return
    // Better with pauses than not at all.
    if (hasFailed) return void connection.checkpoint('passive')
    thread ??= start()
    isUnderWay = true
    thread.postMessage('checkpoint', [])
    if (pages > tooLong) pause.begin()
  }

  return {
    committed() {
      if (isUnderWay || performance.now() < nextLookAt) return
      nextLookAt = performance.now() + lookMs
      try {
        look()
      } catch {
        // The log could not be looked at, as while another process recovers it.
      }
    },

    ready: () => pause.over(),

    async [Symbol.asyncDispose]() {
      isUnderWay = true
      if (thread !== null) await endThread(thread)
    },
  }
}

function startThread(path: string, failed: () => void): Worker {
  const thread = new Worker(new URL(threadFile, import.meta.url), { workerData: path })
  thread.unref()
  thread.on('error', (error) => {
    failed()
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  })
  return thread
}

async function endThread(thread: Worker): Promise<void> {
  thread.ref()
  const ended = once(thread, 'exit').catch(() => undefined)
  thread.postMessage(null, [])
  await ended
}

/** A pause that writers make until it is ended, or until it has lasted too long. */
function createPause() {
  let lasting = Promise.withResolvers<void>()
  lasting.resolve()
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(timer)
    lasting.resolve()
  }

  return {
    begin() {
      end()
      lasting = Promise.withResolvers()
      timer = setTimeout(end, longestPauseMs)
    },
    end,
    over: () => lasting.promise,
  }
}
