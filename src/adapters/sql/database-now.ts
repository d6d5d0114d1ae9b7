import { sql } from 'kysely'

/** The database's own clock, ms since 1970: what leases of several machines are compared with. */
export const databaseNow = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
