import type { LogLevel } from '../core/job.ts'
import type { RuntimeSettings } from '../core/runtime-settings.ts'

/** From the least grave to the gravest; their places are what the memory holds. */
const levels = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

const word = { level: 0, maintenance: 1 } as const

/**
 * What all threads of a process know of the runtime settings, in memory that they share: one that never awaits knows it at
 * once, and so does one that is started later. Only the main thread writes, and it never reads.
 */
export interface ThreadSettings {
  readonly memory: SharedArrayBuffer
  set(settings: RuntimeSettings): void
}

export function createThreadSettings(): ThreadSettings {
  const memory = new SharedArrayBuffer(8)
  const words = new Int32Array(memory)
  return {
    memory,
    set({ logLevel, maintenance }) {
      Atomics.store(words, word.level, logLevel === null ? 0 : levels.indexOf(logLevel))
      Atomics.store(words, word.maintenance, maintenance === null ? 0 : 1)
    },
  }
}

/** The settings as a thread sees them. */
export interface SeenSettings {
  /** Whether a line of that level is to be written. */
  writes(level: LogLevel): boolean
  readonly isMaintenance: boolean
}

/** Without memory everything is written, and there is no maintenance. */
export function viewThreadSettings(memory: SharedArrayBuffer = new SharedArrayBuffer(8)): SeenSettings {
  const words = new Int32Array(memory)
  return {
    writes: (level) => levels.indexOf(level) >= Atomics.load(words, word.level),
    get isMaintenance() {
      return Atomics.load(words, word.maintenance) === 1
    },
  }
}
