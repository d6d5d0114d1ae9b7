import type { Position } from '../../../core/cursor.ts'
import type { EventLog, LoggedEvent, LogHead } from '../../../ports/event-log.ts'
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

export function followRevocations({ store, revoked, missed }: RevocationLogOptions): RevocationLog {
  /** The place up to which the log has been heard. */
  let heard: Position | null = null

  function hear({ epoch, offset, body }: LiveEvent | LoggedEvent): void {
    if (heard?.epoch === epoch && offset <= heard.offset) return
    // One that does not follow is heard, too, but the place stays, so that the log is read for what lies between.
    if (heard?.epoch === epoch && offset === heard.offset + 1) heard = { epoch, offset }
    const revocation = readRevocation(body)
    if (revocation !== null) revoked(revocation)
  }

  /** Says whether the end of the log was reached. */
  async function readPage(): Promise<boolean> {
    const before = heard
    const { head, from, events } = await store.read(async ({ log }) => {
      const head = await log.head(revocationsTopic)
      const from = before === null ? null : await placeIn(head, before, log)
      return { head, from, events: from === null ? [] : await log.read(revocationsTopic, from.offset, pageEvents) }
    })
    if (from === null) {
      heard = { epoch: head.epoch, offset: head.offset }
      missed()
      return true
    }
    if (heard === before) heard = from
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

/** Where in the log that place is; `null` when the log no longer holds everything after it, or is another log. */
async function placeIn(head: LogHead, place: Position, log: EventLog): Promise<Position | null> {
  // The first event gives the topic its epoch: who had heard nothing stands before it.
  const isFirst = place.epoch !== head.epoch && (await log.blanks()).includes(place.epoch)
  const { epoch, offset } = isFirst ? { epoch: head.epoch, offset: 0 } : place
  const isLost = epoch !== head.epoch || offset + 1 < head.oldest || offset > head.offset
  return isLost ? null : { epoch, offset }
}
