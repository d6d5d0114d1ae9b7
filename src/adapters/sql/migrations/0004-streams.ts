import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { newSecret } from '../../../core/secrets.ts'

const statements = [
  // When the event may be forgotten; null: with its topic.
  `alter table events add column keep_until bigint`,

  // When there is next something to be forgotten: that time of the oldest event. Both columns are null where there is nothing
  // to do, as with every job, and then they are in no index.
  `alter table topics add column tidy_at bigint`,
  `create index topics_to_tidy on topics (tidy_at) where tidy_at is not null`,
  // Until when a topic is wanted that is written only while somebody wants it; null: it is there for ever.
  `alter table topics add column wanted_until bigint`,
  `create index topics_on_demand on topics (wanted_until) where wanted_until is not null`,
]

const day = 24 * 3_600_000

/** A log whose events are kept for a time, topics on demand, and an epoch for the topics that were never written. */
export const streams: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
    // The blank epoch: a row like any other, so that it changes with all. It is closed: no topic has that name. It is
    // changed after two weeks.
    const changed = Date.now() + 14 * day
    await sql`insert into topics (name, epoch, closed, tidy_at) values ('', ${newSecret(9)}, 1, ${changed})`.execute(db)
    // What was told of sessions so far would never be forgotten: it goes as if it were told now.
    const until = Date.now() + day
    await sql`update events set keep_until = ${until} where topic = 'revocations' or topic like 'sessions:%'`.execute(
      db,
    )
    await sql`update topics set tidy_at = ${until} where name = 'revocations' or name like 'sessions:%'`.execute(db)
  },
}
