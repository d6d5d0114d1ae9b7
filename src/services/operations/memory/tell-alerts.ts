import type { MemorySign } from '../../../core/memory.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import type { MemoryAlertState } from './memory-alerts.ts'

export interface AlertTelling {
  /** Is told that an alert was raised, or is about another heap as well; must not throw. */
  onRise(sign: MemorySign): void
  /** Is told of each alert each time, for as long as it lasts; must not throw. */
  whileRaised(sign: MemorySign): void
}

/** Says how things stand, again and again. */
export function tellAlerts(
  alarms: Pick<Alarms, 'set'>,
  { onRise, whileRaised }: AlertTelling,
): (states: readonly MemoryAlertState[]) => void {
  /** The heaps that each kind has been about since it was raised. */
  const raised = new Map<string, Set<number | null>>()

  return (states) => {
    for (const { kind, threadIds, reading } of states) {
      alarms.set(kind, reading)
      if (reading === null) {
        raised.delete(kind)
        continue
      }
      const known = raised.get(kind) ?? new Set()
      raised.set(kind, known)
      for (const threadId of threadIds) {
        if (!known.has(threadId)) onRise({ kind, threadId })
        known.add(threadId)
        whileRaised({ kind, threadId })
      }
    }
  }
}
