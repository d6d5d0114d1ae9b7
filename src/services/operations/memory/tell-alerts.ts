import type { Alarms } from '../../../ports/alarms.ts'
import type { MemoryAlertKind, MemoryAlertState } from './read-alerts.ts'

/** An alert about memory was raised. */
export interface MemoryAlarm {
  readonly kind: MemoryAlertKind
  /** Whose heap it is about; `null`: the main thread's, or the whole process. */
  readonly threadId: number | null
}

/** Says how things stand, and has everybody know once of what was raised. */
export interface AlertTelling {
  tell(states: readonly MemoryAlertState[]): void
  onRaised(listener: (alarm: MemoryAlarm) => void): () => void
}

export function tellAlerts(alarms: Pick<Alarms, 'set'>): AlertTelling {
  const raised = new Set<MemoryAlertKind>()
  const listeners = new Set<(alarm: MemoryAlarm) => void>()

  return {
    tell(states) {
      for (const { kind, threadId, reading } of states) {
        alarms.set(kind, reading)
        const isNew = reading !== null && !raised.has(kind)
        if (reading === null) raised.delete(kind)
        else raised.add(kind)
        if (isNew) for (const listener of listeners) listener({ kind, threadId })
      }
    },
    onRaised(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
