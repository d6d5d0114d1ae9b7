/** How the line to the other processes stands. */
export interface BusStatus {
  /** What the messages travel over. */
  readonly kind: 'local' | 'ipc' | 'redis'
  readonly isLive: boolean
  /** Since when it is so, ms since 1970. */
  readonly since: number
}

/** What a process has to do. Times in ms, sizes in bytes. */
export interface ProcessLoad {
  readonly uptimeMs: number
  /** How late its event loop was since the last sample, and the part of the time that it was busy, 0 to 1. */
  readonly loopDelayP50Ms: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  readonly loopUtilization: number
  /** CPU of all its threads since the last sample, in cores: 1 is one core busy all the time. */
  readonly cpuCores: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  readonly threads: number
  readonly busyThreads: number
  readonly zombieThreads: number
  readonly waitingAttempts: number
  /** Open sockets, and streams over them, waiting polls among them. */
  readonly connections: number
  readonly streams: number
  readonly bus: BusStatus
}

/**
 * `STARTING` until it serves; `DRAINING` when it takes no more work; `ENDED` in what tells of its end; `RESTARTING` and `GIVEN_UP`
 * where there is no process.
 */
export const memberStates = ['STARTING', 'READY', 'DRAINING', 'ENDED', 'RESTARTING', 'GIVEN_UP'] as const

export type MemberState = (typeof memberStates)[number]

/** Why a process came to its end. `reason` is a sentence for people. */
export interface MemberEnd {
  readonly at: number
  readonly kind: 'CRASHED' | 'SILENT' | 'RECYCLED' | 'RELOADED' | 'START_FAILED' | 'STOPPED'
  readonly code: number | null
  readonly signal: string | null
  readonly reason: string
}

/** One of the processes that serve together. */
export interface MemberStatus {
  /** Counted from 1; who takes the place of a process that ended has its number. */
  readonly number: number
  /** The node under which it runs jobs. New with each process. */
  readonly nodeId: string
  /** `null` where there is no process. */
  readonly pid: number | null
  readonly state: MemberState
  /** When the present process was started, ms since 1970. */
  readonly startedAt: number
  /** How often a process in this place was followed by another one, for whatever reason. */
  readonly restarts: number
  /** How the one before came to its end. */
  readonly lastEnd: MemberEnd | null
  /** What it said last, and when; `null` where it has not said anything. */
  readonly load: ProcessLoad | null
  readonly heardAt: number | null
}

/** All processes that serve together, as they are at a time. */
export interface ClusterStatus {
  readonly at: number
  /** The process that supervises the members; the only one itself where there is no cluster. */
  readonly primaryPid: number
  /** Whether there is a supervisor. */
  readonly isSupervised: boolean
  readonly startedAt: number
  /** By number. While a member is being replaced there may be two of one number. */
  readonly members: readonly MemberStatus[]
}

/** What befell a member. */
export const memberChanges = ['STARTED', 'READY', 'DRAINING', 'ENDED', 'GIVEN_UP'] as const

export type MemberChange = (typeof memberChanges)[number]

/** A change in the life of a member, with what the member is like after it. `reason` is a sentence for people. */
export interface MemberChanged {
  readonly at: number
  readonly change: MemberChange
  readonly member: MemberStatus
  readonly reason: string | null
}
