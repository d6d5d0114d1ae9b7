/** Each kind of alert: how grave it is, and what it says. What to do about it stands in `docs/operations.md`. */
export const alertKinds = {
  HEAP_HIGH: {
    severity: 'CRITICAL',
    about: 'The JavaScript heap of a process is over MEMORY_HEAP_MB after garbage collection.',
  },
  RSS_HIGH: { severity: 'CRITICAL', about: 'The memory of a process is over MEMORY_RSS_MB.' },
  EXTERNAL_HIGH: {
    severity: 'WARNING',
    about: 'Buffers and other memory outside of the heap are over MEMORY_EXTERNAL_MB.',
  },
  MEMORY_GROWTH: {
    severity: 'WARNING',
    about:
      'What a process holds after garbage collection has grown steadily, by more than MEMORY_GROWTH_MB_PER_MINUTE: a leak, as far as figures can tell.',
  },
  LOOP_DELAYED: {
    severity: 'WARNING',
    about: 'The event loop of a process has been late for a while: every answer waits.',
  },
  OVERLOADED: {
    severity: 'WARNING',
    about: 'A process refuses part of what it is asked to do, to keep the rest fast.',
  },
  THREADS_LOST: {
    severity: 'WARNING',
    about: 'Threads were ended and are held by native code all the same: their cores are taken.',
  },
  QUEUE_OLD: {
    severity: 'WARNING',
    about:
      'Jobs that could run wait for threads for longer than SHED_QUEUE_SECONDS: new ones are refused to those who have several.',
  },
  STORE_SLOW: { severity: 'CRITICAL', about: 'The database has answered late, or not at all, for a while.' },
  BUS_DOWN: {
    severity: 'WARNING',
    about: 'Messages between processes do not come through: events are read from the database, and later.',
  },
  DISK_LOW: { severity: 'CRITICAL', about: 'The disk of the data folder has less free than DISK_FREE_MB.' },
  MEMBER_FAILED: {
    severity: 'WARNING',
    about: 'A member of the cluster ended without being asked to, and is followed by another one.',
  },
  MEMBER_GIVEN_UP: {
    severity: 'CRITICAL',
    about: 'A member of the cluster ended early too often and is not started again.',
  },
} as const satisfies Record<string, { severity: AlertSeverity; about: string }>

export type AlertSeverity = 'WARNING' | 'CRITICAL'

export type AlertKind = keyof typeof alertKinds

/** What a figure that is told in an alert is counted in. */
export type AlertUnit = 'BYTES' | 'BYTES_PER_MINUTE' | 'MILLISECONDS' | 'COUNT' | 'RATIO'

/** What made a process raise an alert. */
export interface AlertReading {
  readonly value: number
  /** What it should not be over; or under, of what is free. */
  readonly limit: number
  readonly unit: AlertUnit
  /** A sentence for people, with the figures. */
  readonly message: string
}

/** An alert, as it was told last. */
export interface Alert extends AlertReading {
  /** The same each time that it is told again, until it is cleared. */
  readonly id: string
  readonly kind: AlertKind
  readonly severity: AlertSeverity
  /** The place of the process that raised it, counted from 1; 0 for the primary. */
  readonly member: number
  readonly nodeId: string | null
  /** Times in ms since 1970. */
  readonly raisedAt: number
  /** When it was told last. */
  readonly toldAt: number
  /** `null` while it lasts. */
  readonly clearedAt: number | null
}
