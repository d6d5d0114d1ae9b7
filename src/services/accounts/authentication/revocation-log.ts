import type { LoggedEvent, LogHead } from '../../../ports/event-log.ts'
import type { Store } from '../../../ports/store.ts'
import type { LiveEvent } from '../../streams/live-events.ts'
import { readRevocation, type Revocation, revocationsTopic } from '../sessions/revocations.ts'

/** The log of revocations as one process hears it: events as they come, and the log itself for what did not. */
export interface RevocationLog {
  /** Takes an event from wherever it was heard; one that was heard before by the log is dropped. */
  hear(event: LiveEvent | LoggedEvent): void
  /** Reads the log to its end. Rejects when it cannot be read. */
  read(): Promise<void>
}

export interface RevocationLogOptions {
  readonly store: Pick<Store, 'read'>
  revoked(revocation: Revocation): void
  /** What lies between the place that was read last and the one that is read on from is lost; so it is at the first reading. */
  missed(): void
}

const pageEvents = 1000

/** The place up to which the log has been heard; a topic that was never written has no epoch yet. */
interface Heard {
  readonly epoch: string | null
  readonly offset: number
}

export function followRevocations({ store, revoked, missed }: RevocationLogOptions): RevocationLog {
  let heard: Heard | null = null

  function hear({ epoch, offset, body }: LiveEvent | LoggedEvent): void {
    if (heard?.epoch === epoch && offset <= heard.offset) return
    // One that does not follow is heard, too, but the place stays, so that the log is read for what lies between.
    if (heard?.epoch === epoch && offset === heard.offset + 1) heard = { epoch, offset }
    const revocation = readRevocation(body)
    if (revocation !== null) revoked(revocation)
  }

  /** Says whether the end of the log was reached. */
  async function readPage(): Promise<boolean> {
    const from = heard
    const { head, events } = await store.read(async ({ log }) => {
      const head = await log.head(revocationsTopic)
      const after = from === null || isLost(from, head) ? null : from.offset
      return { head, events: after === null ? [] : await log.read(revocationsTopic, after, pageEvents) }
    })
    if (from === null || isLost(from, head)) {
      heard = { epoch: head?.epoch ?? null, offset: head?.offset ?? 0 }
      missed()
      return true
    }
    // The first event of a new topic gives it its epoch.
    if (from.epoch === null && head !== null && heard === from) heard = { epoch: head.epoch, offset: 0 }
    for (const event of events) hear(event)
    return events.length < pageEvents
  }

  return {
    hear,
    async read() {
      while (!(await readPage()));
    },
  }
}

/** Whether the log no longer holds everything after that place, or is another log. */
function isLost({ epoch, offset }: Heard, head: LogHead | null): boolean {
  if (head === null) return epoch !== null
  if (epoch !== null && epoch !== head.epoch) return true
  return offset + 1 < head.oldest || offset > head.offset
}
