import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Logger } from '../../ports/logger.ts'
import type { ThreadData } from '../messages.ts'
import { sourceFile } from '../source-file.ts'
import { readLateError } from './told-by-thread.ts'

export interface ThreadOptions extends ThreadData {
  /** The most threads. */
  readonly threads: number
  /** Whether they are all up from the start and stay; otherwise they come with the first attempts and go when idle. */
  readonly kept: boolean
  readonly logger: Logger
  /** The JavaScript heap of each thread, in MiB; `null`: Node's own limit. */
  readonly heapMb: number | null
}

/** How long a thread that is not kept may be idle. */
const idleMs = 10_000

/** Starts threads. What fails in one outside of an attempt is logged, nothing more. */
export function startThreads({ threads, kept, taskFiles, settings, heapMb, logger }: ThreadOptions): Piscina {
  const piscina = new Piscina({
    filename: fileURLToPath(sourceFile('../thread', import.meta.url)),
    // Loaded when a thread starts, so that the first attempt need not wait for it.
    name: 'run',
    minThreads: kept ? threads : 0,
    maxThreads: threads,
    idleTimeout: idleMs,
    // The pool has times of its own.
    recordTiming: false,
    // 'sync', the default, would block a thread between attempts: late timers and messages would freeze.
    atomics: 'async',
    workerData: { taskFiles, settings } satisfies ThreadData,
    // A task has no business with the root of all keys.
    env: environmentWithoutSecrets(),
    ...(heapMb === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
  })
  // Without a listener, a thread that ends while it is idle would take the server down.
  piscina.on('error', (error: unknown) => logger.warn({ err: error }, 'A compute thread ended while it was idle.'))
  piscina.on('message', (message: unknown) => {
    const late = readLateError(message)
    if (late === null) return
    logger.warn({ job: late.jobId }, `A task failed after its attempt had ended: ${late.message}`)
  })
  return piscina
}

/** Settings that hold a secret; what a task of yours needs is its own business. */
const secretVariable = /^MILLRACE_SECRET|^(OAUTH|OIDC)_.*_SECRET$|^SMTP_URL$/

function environmentWithoutSecrets(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- not read as a setting: handed on without what tasks must not see
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !secretVariable.test(name)))
}
