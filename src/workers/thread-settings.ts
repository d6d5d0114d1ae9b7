import type { LogLevel } from '../core/job.ts'
import type { RuntimeSettings } from '../core/runtime-settings.ts'

/** From the least grave to the gravest; their places are what the memory holds. */
const levels = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

/**
 * What all threads of a process know of the runtime settings, in memory that they share: one that never awaits knows it at
 * once, and so does one that is started later. Only the main thread writes, and it never reads.
 */
export interface ThreadSettings {
  readonly memory: SharedArrayBuffer
  set(settings: Pick<RuntimeSettings, 'logLevel'>): void
}

export function createThreadSettings(): ThreadSettings {
  const memory = openMemory()
  const words = new Int32Array(memory)
  return {
    memory,
    set({ logLevel }) {
      Atomics.store(words, 0, logLevel === null ? 0 : levels.indexOf(logLevel))
    },
  }
}

/** The settings as a thread sees them. */
export interface SeenSettings {
  /** Whether a line of that level is to be written. */
  writes(level: LogLevel): boolean
}

/** Without memory everything is written. */
export function viewThreadSettings(memory: SharedArrayBuffer = openMemory()): SeenSettings {
  const words = new Int32Array(memory)
  return { writes: (level) => levels.indexOf(level) >= Atomics.load(words, 0) }
}

function openMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
}
