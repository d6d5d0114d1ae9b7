import type { Clock } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import type { Sealer } from '../../../core/sealer.ts'
import type { Records } from '../../../ports/store.ts'
import type { Notice } from './notices.ts'

/** Enters a mail in the transaction of what it tells of; it is sent afterwards. */
export type QueueMail = (records: Records, to: string, notice: Notice) => Promise<void>

/** A waiting mail as it is sealed. */
export interface QueuedNotice {
  readonly to: string
  readonly notice: Notice
}

/** The context that a waiting mail is sealed with. */
export function mailContext(id: string): string {
  return `mails.sealed ${id}`
}

export function createQueueMail(sealer: Sealer, clock: Clock): QueueMail {
  return async ({ mails }, to, notice) => {
    const id = newId('mail')
    const now = clock.now()
    const sealed = sealer.seal(JSON.stringify({ to, notice } satisfies QueuedNotice), mailContext(id))
    await mails.insert({ id, sealed, createdAt: now, sendAt: now, attempts: 0 })
  }
}
