/** How much a notice matters to who reads it. */
export const noticeSeverities = ['INFO', 'WARNING', 'CRITICAL'] as const

export type NoticeSeverity = (typeof noticeSeverities)[number]

/** Something that administrators tell everybody. It says nothing of who wrote it. */
export interface Notice {
  readonly id: string
  readonly text: string
  readonly severity: NoticeSeverity
  readonly publishedAt: number
  /** It is in force until then, ms since 1970, unless it is withdrawn before. */
  readonly until: number
}

/** The notices that are or were in force. */
export interface Notices {
  insert(notice: Notice): Promise<void>
  /** At most `limit` that are in force, newest first. */
  inForce(now: number, limit: number): Promise<readonly Notice[]>
  /** Ends a notice before its time; whether it was in force. */
  withdraw(id: string, now: number): Promise<boolean>
  /** Forgets at most `limit` that have been out of force since before that time; how many. */
  purge(before: number, limit: number): Promise<number>
}
