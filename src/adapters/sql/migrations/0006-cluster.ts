import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Nodes that may have other tasks than their neighbours, for as long as a release replaces another one. */
export const cluster: Migration = {
  async up(db) {
    // JSON: the rows are few, and are read as a whole.
    await sql`alter table nodes add column tasks text not null default '{}'`.execute(db)
  },
}
