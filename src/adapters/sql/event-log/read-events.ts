import { type Expression, type Kysely, type QueryCreator, sql } from 'kysely'
import type { EventBody, LastBounds, LoggedEvent } from '../../../ports/event-log.ts'
import type { Database } from '../schema.ts'

interface Page {
  readonly topic: string
  readonly after: number
  readonly limit: number
  readonly maxBytes: number
}

/** Reads events in order, so many and of so many bytes, but one in any case. */
export function readPage(
  db: Kysely<Database>,
  { topic, after, limit, maxBytes }: Page,
): Promise<readonly LoggedEvent[]> {
  return readWithin(db, { topic, maxBytes }, (from) =>
    from
      .selectFrom('events')
      .select(['offset', 'body', 'last'])
      .select(sql<number>`sum(octet_length(body)) over (order by "offset")`.as('bytes'))
      .where('topic', '=', topic)
      .where('offset', '>', after)
      .orderBy('offset')
      .limit(limit),
  )
}

interface Ending extends LastBounds {
  readonly topic: string
  readonly type: string
}

/** As `readPage`, from the end, of one type. `append` writes a body as it is given: its first member stands at the beginning. */
export function readLast(
  db: Kysely<Database>,
  { topic, type, limit, maxBytes, among }: Ending,
): Promise<readonly LoggedEvent[]> {
  const beginning = `{"type":${JSON.stringify(type)}`
  return readWithin(db, { topic, maxBytes }, (from) => {
    const found = from
      .selectFrom('events')
      .select(['offset', 'body', 'last'])
      .where('topic', '=', topic)
      .where('offset', '>', (on) =>
        on
          .selectFrom('topics')
          .select(sql<number>`head - ${among}`.as('before'))
          .where('name', '=', topic),
      )
      .where(sql`substr(body, 1, ${[...beginning].length})`, '=', beginning)
      .orderBy('offset', 'desc')
      .limit(limit)
    return from
      .selectFrom(found.as('found'))
      .selectAll()
      .select(sql<number>`sum(octet_length(body)) over (order by "offset" desc)`.as('bytes'))
  })
}

/** An event with the bytes of the page up to and including its own. */
interface PageRow {
  readonly offset: number
  readonly body: string
  readonly last: number
  readonly bytes: number
}

/** The running sum stops the page at its bytes without a body being read that is over them. */
async function readWithin(
  db: Kysely<Database>,
  { topic, maxBytes }: Pick<Page, 'topic' | 'maxBytes'>,
  page: (from: QueryCreator<Database>) => Expression<PageRow>,
): Promise<readonly LoggedEvent[]> {
  const rows = await db
    .with('page', page)
    .selectFrom('page')
    .innerJoin('topics', (on) => on.on('topics.name', '=', topic))
    .select(['page.offset', 'page.body', 'page.last', 'topics.epoch'])
    .where((on) => on.or([on('bytes', '<=', maxBytes), on('bytes', '=', sql<number>`octet_length(body)`)]))
    .orderBy('page.offset')
    .execute()
  return rows.map(({ epoch, offset, body, last }) => {
    // What `append` wrote.
    return { topic, epoch, offset, body: JSON.parse(body) as EventBody, last: last === 1 }
  })
}
